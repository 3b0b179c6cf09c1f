# `./crm test`: builds, starts throw-away databases, runs ctest, and says what failed and how to run it again.
# shellcheck shell=bash

command_test() {
  local labels=() pattern='' preset=${GUANXI_PRESET:-dev} choice=() suites
  while (($# > 0)); do
    case $1 in
      unit | integration | contract | e2e | faults | clients | docker) labels+=("$1") ;;
      -R) require_value "$@"; pattern+=${pattern:+|}$2; shift ;;
      --preset) require_value "$@"; preset=$2; shift ;;
      --json) json=1 ;;
      -*) fail "test does not know \"$1\"" "./crm test [unit|integration|contract|e2e|faults|clients|docker]... [NAME]... [--preset asan] [--json]" 2 ;;
      *) pattern+=${pattern:+|}$1 ;;
    esac
    shift
  done
  # ctest's own way to choose.
  ((${#labels[@]} == 0)) || choice+=(-L "^($(IFS='|' && printf '%s' "${labels[*]}"))\$")
  [[ -z $pattern ]] || choice+=(-R "$pattern")
  take_lock
  build "$preset"
  suites=$(cd "$root/build/$preset" && ctest -N "${choice[@]}" | sed -n 's/^ *Test *#[0-9]*: //p')
  [[ -n $suites ]] || fail "no test answers to that" "all names: ctest --test-dir $root/build/$preset -N" 2
  ! grep -qx clients_test <<<"$suites" || install_clients
  trap 'stop_test_databases' EXIT
  trap 'exit 130' INT TERM HUP
  start_test_databases
  run_suites "$preset" "${choice[@]}"
}

# The clients of the npm registry that tests/clients tells the story with.
install_clients() {
  local folder=$root/tests/clients
  require_packages node
  [[ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]] && return 0
  step "Installing the foreign clients"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >/dev/null) ||
    fail "npm could not install the packages of tests/clients" "check that the npm registry answers, then run it again; ./crm test unit does without"
}

start_test_databases() {
  stop_test_databases # an interrupted run may have left its own
  step "Starting a throw-away PostgreSQL and Redis"
  start_postgres test
  start_redis test
  export GUANXI_TEST_DATABASE_URL=${database_url%/guanxi}/postgres
  export GUANXI_TEST_REDIS_URL=$redis_url
}

stop_test_databases() {
  local home
  stop_redis test
  stop_postgres test
  home=$(data_root)
  rm -rf "$home/test-postgres" "$home/test-redis"
}

# run_suites PRESET CTEST-OPTION...
run_suites() {
  local folder=$root/build/$1 cases=$state/test-cases passed failed status=0
  shift
  rm -rf "$cases" "$folder/Testing/Temporary/LastTestsFailed.log"
  mkdir -p "$cases"
  step "Testing"
  # Every GoogleTest binary writes its cases there, so that cases are counted and not binaries.
  (cd "$folder" && GTEST_OUTPUT=xml:$cases/ ctest -j "$(build_jobs)" --output-on-failure --no-tests=error \
    --timeout 900 "$@" 2>&1) | tee "$state/log/test.log" | show_suites || status=$?
  show_skipped "$folder"
  read -r passed failed < <(count_cases "$cases")
  if ((failed > 0 || status != 0)); then show_failures "$folder"; fi
  if [[ -n $json ]]; then
    printf '{"passed":%s,"failed":%s,"failures":%s}\n' "$passed" "$failed" "$(failed_suites "$folder" | json_strings)"
  else
    printf '%s passed, %s failed\n' "$passed" "$failed"
  fi
  ((failed == 0 && status == 0))
}

# A line per suite as it ends: "    ok  customer_domain_test  0.4 s".
show_suites() {
  live_awk -v green="$green" -v red="$red" -v plain="$plain" '
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
      name = $0; sub(/^[^:]*: /, "", name); sub(/ .*$/, "", name)
      seconds = $0; sub(/ sec *$/, "", seconds); sub(/^.* /, "", seconds)
      ok = $0 ~ / Passed /
      skipped = $0 ~ /\*\*\*Skipped/
      word = ok ? "ok" : skipped ? "skip" : $0 ~ /Timeout/ ? "hangs" : "FAILED"
      printf "    %s%-6s%s %-40s %6.1f s\n", ok ? green : skipped ? "" : red, word, plain, name, seconds
      fflush()
    }'
}

# What was skipped, and the reason that it gave itself: a line "skipped: …".
show_skipped() {
  local log=$1/Testing/Temporary/LastTest.log
  [[ ! -s $log ]] || awk -v yellow="$yellow" -v plain="$plain" '
    /^[0-9]+\/[0-9]+ Testing: / { name = $3 }
    sub(/^skipped: /, "") { printf "    %sskipped%s %s: %s\n", yellow, plain, name, $0 }' "$log"
}

failed_suites() {
  [[ ! -s $1/Testing/Temporary/LastTestsFailed.log ]] ||
    sed 's/^[0-9]*://' "$1/Testing/Temporary/LastTestsFailed.log"
}

# "PASSED FAILED": GoogleTest cases, and one for every suite that is no GoogleTest binary or died before writing.
count_cases() {
  local tests=0 bad=0 file line
  for file in "$1"/*.xml; do
    [[ -e $file ]] || continue
    line=$(grep -m 1 '<testsuites ' "$file") || continue
    [[ $line =~ tests=\"([0-9]+)\"\ failures=\"([0-9]+)\"\ disabled=\"([0-9]+)\"\ errors=\"([0-9]+)\" ]] || continue
    tests=$((tests + BASH_REMATCH[1] - BASH_REMATCH[3]))
    bad=$((bad + BASH_REMATCH[2] + BASH_REMATCH[4]))
  done
  local others others_bad
  read -r others others_bad < <(awk -v cases="$1" '
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
      name = $0; sub(/^[^:]*: /, "", name); sub(/ .*$/, "", name)
      file = cases "/" name ".xml"
      if ((getline line < file) > 0) { close(file); next }
      if ($0 ~ / Passed /) good++; else if ($0 !~ /\*\*\*Skipped/) bad++
    }
    END { print good + 0, bad + 0 }' "$state/log/test.log")
  printf '%s %s\n' $((tests - bad + others)) $((bad + others_bad))
}

show_failures() {
  local folder=$1 suites
  suites=$(failed_suites "$folder" | paste -s -d '|')
  [[ -n $suites ]] || return 0
  say
  printf '%sWhat failed%s\n' "$red" "$plain"
  awk '
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / { show = $0 !~ / Passed |\*\*\*Skipped/; if (show) print "--- " $0; next }
    /^ *Start +[0-9]+: / { next }
    /^[0-9]+% tests passed/ { exit }
    show && !/^\[( +OK|--*|=*| RUN *| *PASSED *|==========|----------)/' "$state/log/test.log" | cut -c 1-400 | tail -n 120
  say
  say "all of it: $state/log/test.log"
  say "again:     ./crm test -R '^($suites)\$'"
}
