# What is done with a running suite: demo, token, bench.
# shellcheck shell=bash

command_demo() {
  local file=$root/deploy/sample-data/leads.csv json='' maps='' options=()
  while (($# > 0)); do
    case $1 in
      --json) json=1 ;;
      --map) maps+=${maps:+,}${2:?--map needs FIELD=COLUMN} && shift ;;
      --encoding | --date-order | --stories) options+=("$1=${2:?$1 needs a value}") && shift ;;
      -*) fail "demo does not know \"$1\"" "./crm demo [FILE.csv] [--map FIELD=COLUMN] [--encoding GBK] [--date-order DD-MM-YYYY] [--stories N] [--json]" 2 ;;
      *) file=$1 ;;
    esac
    shift
  done
  [[ -r $file && ! -d $file ]] || fail "$file cannot be read" "give the path of a CSV file of leads" 2
  file=$(readlink -f "$file")
  command_up
  say
  local status=0
  rm -f "$state/demo.json"
  run_demo --file="$file" --map="$maps" --json-file="$state/demo.json" "${options[@]}" || status=$?
  [[ -s $state/demo.json ]] || fail "the demo did not come to its end" "./crm status and ./crm logs say more; ./crm demo goes on where it stopped"
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
    # On a fresh suite the sample people are made first, and not a word on stdout but the token.
    [[ -n $(print_token --list 2>/dev/null) ]] || run_demo --enterprise-only >&2
  fi
  print_token "$@"
}

command_bench() {
  take_lock
  require_packages build run
  build release guanxi guanxi-bench
  "$root/build/release/bin/guanxi-bench" "$@"
}
