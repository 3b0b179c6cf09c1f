# What is done with a running suite: demo, token, bench.
# shellcheck shell=bash

command_demo() {
  local usage='./crm demo [FILE.csv] [--map FIELD=COLUMN]... [--encoding GBK] [--date-order DD-MM-YYYY] [--stories N] [--json]'
  local file='' maps='' options=() status=0
  while (($# > 0)); do
    case $1 in
      --json) json=1 ;;
      --map | --encoding | --date-order | --stories)
        require_value "$@"
        if [[ $1 == --map ]]; then maps+=${maps:+,}$2; else options+=("$1=$2"); fi
        shift
        ;;
      -*) fail "demo does not know \"$1\"" "$usage" 2 ;;
      *)
        [[ -z $file ]] || fail "demo takes one file, not $file and $1" "$usage" 2
        file=$1
        ;;
    esac
    shift
  done
  file=${file:-$root/deploy/sample-data/leads.csv}
  [[ -r $file && ! -d $file ]] || fail "$file cannot be read" "give the path of a CSV file of leads" 2
  [[ ! -f $file || -s $file ]] || fail "$file is empty" "give a CSV file with a header line and a line per lead" 2
  file=$(readlink -f "$file")
  bring_up
  say
  rm -f "$state/demo.json"
  run_demo --file="$file" --map="$maps" --json-file="$state/demo.json" "${options[@]}" || status=$?
  ((status != 2)) || fail "the demo was called wrongly" "$usage" 2
  [[ -s $state/demo.json ]] ||
    fail "the demo did not come to its end" "the line above names the cause (./crm status and ./crm logs say more), and the same command goes on where it stopped; how a file is read: $usage"
  demo_epilogue
  [[ -z $json ]] || cat "$state/demo.json"
  return "$status"
}

run_demo() {
  GUANXI_DATABASE_URL=$(cat "$state/secrets/database-url") GUANXI_TOKEN_PRIVATE_KEY=$state/keys/token-private.pem \
    GUANXI_CUSTOMER_ADDRESS=$(address_of customer) GUANXI_OPPORTUNITY_ADDRESS=$(address_of opportunity) \
    GUANXI_CONTRACT_CREDIT_ADDRESS=$(address_of contract-credit) GUANXI_ANALYTICS_ADDRESS=$(address_of analytics) \
    GUANXI_SAMPLE_DATA=$root/deploy/sample-data "$bin/guanxi-demo" "$@"
}

demo_epilogue() {
  local row role login gateway
  gateway=http://$(address_of gateway)
  say
  printf '%sA token for each role%s (12 hours; more with ./crm token --as NAME)\n' "$bold" "$plain"
  for row in "director lin.yue" "sales-manager wang.lei" "sales-rep zhang.wei" "marketing he.jing" "finance xu.ming"; do
    read -r role login <<<"$row"
    printf '  %-14s %-10s %s\n' "$role" "$login" "$(print_token --as="$login")"
  done
  say
  printf '%sThree things to try%s\n' "$bold" "$plain"
  say "  1. curl -H \"Authorization: Bearer \$(./crm token --as zhang.wei)\" $gateway/v1/leads?page_size=3"
  say "  2. curl -H \"Authorization: Bearer \$(./crm token --as lin.yue)\" $gateway/v1/analytics/funnel"
  say "  3. ./crm demo YOUR-LEADS.csv --map source=YOUR-COLUMN"
  print_addresses
}

print_token() {
  GUANXI_TOKEN_PRIVATE_KEY=$state/keys/token-private.pem GUANXI_ROLES=$root/deploy/sample-data/roles.csv \
    GUANXI_DATABASE_URL=$(role_url "$(cat "$state/secrets/database-url")" guanxi_customer "$(secret customer)") \
    "$bin/guanxi-token" "$@"
}

command_token() {
  [[ -x $bin/guanxi-token && -s $state/keys/token-private.pem && -s $state/secrets/database-url ]] ||
    fail "nothing has been started yet" "./crm up"
  if [[ $* == *--list* || $* == *--as* ]] && [[ $* != *administrator* ]]; then
    healthy customer || fail "the directory of people is not served" "./crm up"
    # On a fresh suite the sample people are made first, and not a word on stdout but the token.
    [[ -n $(print_token --list 2>/dev/null) ]] || run_demo --enterprise-only >&2
  fi
  print_token "$@"
}

command_bench() {
  take_lock
  build release guanxi guanxi-bench
  "$root/build/release/bin/guanxi-bench" "$@"
}
