# The running suite: up, down, logs.
# shellcheck shell=bash

# name, port, metrics port
services=("customer 7101 7201" "opportunity 7102 7202" "contract-credit 7103 7203" "analytics 7104 7204" "gateway 7100 7200")
# The build that `up` runs: release, or what GUANXI_PRESET names; the other commands follow it.
suite_preset=${GUANXI_PRESET:-$(cat "$state/preset" 2>/dev/null || true)}
suite_preset=${suite_preset:-release}
bin=$root/build/$suite_preset/bin

command_up() {
  only_json up "$@"
  bring_up
  print_addresses
  [[ -z $json ]] || addresses_json
}

bring_up() {
  take_lock
  require_packages build run
  require_foreign_servers
  suite_preset=${GUANXI_PRESET:-release}
  bin=$root/build/$suite_preset/bin
  build "$suite_preset" guanxi
  printf '%s\n' "$suite_preset" >"$state/preset"
  start_databases
  migrate
  make_token_keys
  start_services
}

start_databases() {
  database_url=${GUANXI_DATABASE_URL:-}
  redis_url=${GUANXI_REDIS_URL:-}
  step "Starting PostgreSQL and Redis"
  [[ -n $database_url ]] || start_postgres ""
  [[ -n $redis_url ]] || start_redis ""
  (
    umask 077
    mkdir -p "$state/secrets"
    printf '%s\n' "$database_url" >"$state/secrets/database-url"
    printf '%s\n' "$redis_url" >"$state/secrets/redis-url"
  )
  # Which of them are not ours to start and stop.
  printf '%s\n' "${GUANXI_DATABASE_URL:+postgres}" "${GUANXI_REDIS_URL:+redis}" >"$state/foreign"
}

migrate() {
  step "Migrating the databases"
  if ! GUANXI_CUSTOMER_PASSWORD=$(secret customer) GUANXI_OPPORTUNITY_PASSWORD=$(secret opportunity) \
    GUANXI_CONTRACT_CREDIT_PASSWORD=$(secret contract-credit) GUANXI_ANALYTICS_PASSWORD=$(secret analytics) \
    GUANXI_DATABASE_URL=$database_url "$bin/guanxi-migrate" >"$state/log/migrate.log" 2>&1; then
    show_log_tail migrate
    ! grep -q 'was edited after it ran' "$state/log/migrate.log" ||
      fail "this database was made by another state of the code" "go back to that state, or delete the data: ./crm down --purge"
    fail "the migrations did not run" "the lines above name the cause; ./crm up tries again and loses nothing"
  fi
}

make_token_keys() {
  local keys=$state/keys
  [[ ! -s $keys/token-public.pem || ! -s $keys/token-private.pem ]] || return 0
  (
    umask 077
    mkdir -p "$keys"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/token-private.pem" 2>/dev/null
    openssl pkey -in "$keys/token-private.pem" -pubout -out "$keys/token-public.pem.new" 2>/dev/null
    mv "$keys/token-public.pem.new" "$keys/token-public.pem"
  ) || fail "openssl could not make the token keys in $keys" "check that the folder can be written to"
}

# service_settings NAME: the environment of a service, a setting per line.
service_settings() {
  local name=$1 peer variable
  printf 'GUANXI_STARTED_FROM=%s\n' "$state" # by which stop_stray_service knows it
  printf 'GUANXI_LISTEN=%s\n' "$(address_of "$name")"
  printf 'GUANXI_METRICS_LISTEN=%s\n' "$(address_of "$name-metrics")"
  printf 'GUANXI_REFLECTION=%s\n' "${GUANXI_REFLECTION:-false}"
  for peer in customer opportunity contract-credit analytics; do
    variable=${peer^^}
    printf 'GUANXI_%s_ADDRESS=%s\n' "${variable//-/_}" "$(address_of "$peer")"
  done
  [[ $name != gateway ]] || return 0
  printf 'GUANXI_DATABASE_URL=%s\n' "$(role_url "$database_url" "guanxi_${name//-/_}" "$(secret "$name")")"
  printf 'GUANXI_REDIS_URL=%s\n' "$redis_url"
  printf 'GUANXI_TOKEN_KEYS=%s\n' "$state/keys/token-public.pem"
  printf 'GUANXI_SERVICE_TOKEN_FILE=%s\n' "$state/keys/$name.token"
}

# outdated NAME: whether what runs is another program, or has other settings, than what would be started now.
outdated() {
  local pid
  alive "$1" || return 1
  [[ $(readlink "/proc/$pid/exe") != "$(readlink -f "$bin/guanxi-$1")" || $(settings_sum "$1") != "$(cat "$state/run/$1.settings" 2>/dev/null)" ]]
}

settings_sum() { { service_settings "$1" && cat "$state/keys/token-public.pem"; } | cksum; }

start_services() {
  local row name port metrics names=() started=()
  for row in "${services[@]}"; do
    read -r name port metrics <<<"$row"
    port_for "$name" "$port" >/dev/null
    port_for "$name-metrics" "$metrics" >/dev/null
    names+=("$name")
  done
  step "Starting the services"
  for name in "${names[@]}"; do
    ! outdated "$name" || halt "$name" TERM 30
    ! alive "$name" || continue
    stop_stray_service "$name"
    start_service "$name"
    started+=("$name")
  done
  if ! wait_until 60 "the services to be healthy" all_healthy "${names[@]}"; then
    for name in "${names[@]}"; do healthy "$name" || show_log_tail "$name"; done
    fail "not everything became healthy" "the logs above name the cause; ./crm status shows the rest, ./crm up tries again"
  fi
  # A service that dies of its first work is told now, not at the user's first call.
  ((${#started[@]} == 0)) || note "started: ${started[*]}"
}

# One started from here whose remembrance was lost (.crm/run removed by hand).
stop_stray_service() {
  local environment stray program
  for environment in $(grep -lzxFs "GUANXI_STARTED_FROM=$state" /proc/[0-9]*/environ); do
    stray=${environment//[^0-9]/}
    program=$(readlink "/proc/$stray/exe") || continue
    program=${program% (deleted)}
    [[ ${program##*/} == "guanxi-$1" ]] || continue
    warn "stopping $1 (process $stray), which an earlier run left"
    kill -s TERM "$stray"
    wait_until 30 "process $stray to end" has_ended "$stray" || kill -s KILL "$stray"
  done
}

start_service() {
  local name=$1 setting
  [[ $name == gateway ]] || make_service_token "$name"
  settings_sum "$name" >"$state/run/$name.settings"
  (
    while IFS= read -r setting; do export "${setting?}"; done < <(service_settings "$name")
    launch "$name" '' "$bin/guanxi-$name"
  )
}

# The token with which a service calls others in its own name.
make_service_token() {
  local file=$state/keys/$1.token
  (umask 077 && "$bin/guanxi-token" --service "${1//-/_}" --ttl 31536000 \
    --token-private-key "$state/keys/token-private.pem" >"$file.new" && mv "$file.new" "$file") ||
    fail "no token could be made for $1" "see the message above; ./crm up tries again"
}

address_of() { printf '127.0.0.1:%s' "$(awk -v name="$1" '$1 == name { print $2 }' "$state/ports" 2>/dev/null)"; }

healthy() {
  alive "$1" || return 1
  if [[ $1 == gateway ]]; then
    [[ $(http_get "$(address_of gateway)" /healthz) == 'HTTP/1.1 200'* ]]
  else
    "$bin/guanxi-health" "$(address_of "$1")" >/dev/null 2>&1
  fi
}

all_healthy() {
  local name
  for name in "$@"; do
    # One that has ended will not become healthy by waiting.
    alive "$name" || {
      progress_done
      show_log_tail "$name"
      fail "$name ended right after it was started" "the log above names the cause; ./crm up tries again"
    }
    healthy "$name" || return 1
  done
}

# http_get ADDRESS PATH: status line, headers and body; nothing when there is no answer within 3 s.
http_get() {
  exec 8<>"/dev/tcp/${1%:*}/${1##*:}" || return 0
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$2" "$1" >&8 || true
  timeout 3 cat <&8 || true
  exec 8>&-
} 2>/dev/null

print_addresses() {
  say
  printf '%s%sGuanxi is up.%s\n' "$bold" "$green" "$plain"
  printf '  %-28s http://%s\n' "JSON, gRPC-Web (gateway)" "$(address_of gateway)"
  printf '  %-28s http://%s/openapi.json\n' "OpenAPI" "$(address_of gateway)"
  local row name
  for row in "${services[@]}"; do
    name=${row%% *}
    [[ $name == gateway ]] || printf '  %-28s %s\n' "gRPC, $name" "$(address_of "$name")"
  done
  printf '  %-28s %s\n' "state, logs, passwords" "$state"
  say "  ./crm status · ./crm token --list · ./crm logs · ./crm down"
}

addresses_json() {
  local row name
  printf '{"gateway":"http://%s"' "$(address_of gateway)"
  for row in "${services[@]}"; do
    name=${row%% *}
    [[ $name == gateway ]] || printf ',"%s":"%s"' "$name" "$(address_of "$name")"
  done
  printf '}\n'
}

command_down() {
  local purge='' row
  while (($# > 0)); do
    case $1 in
      --purge) purge=1 ;;
      *) fail "down does not know \"$1\"" "./crm down [--purge]" 2 ;;
    esac
    shift
  done
  [[ -d $state ]] || {
    say "Nothing runs."
    return
  }
  take_lock
  local order=(gateway analytics contract-credit opportunity customer)
  for row in "${order[@]}"; do
    ! alive "$row" || step "Stopping $row"
    halt "$row" TERM 30
    stop_stray_service "$row"
  done
  ! alive redis || step "Stopping Redis"
  stop_redis ""
  ! alive postgres || step "Stopping PostgreSQL"
  stop_postgres ""
  if [[ -n $purge ]]; then
    step "Deleting $state and its data"
    local home
    home=$(data_root)
    [[ $home == "$state" ]] || rm -rf "$home"
    rm -rf "$state"
  fi
  say "Stopped."
}

command_logs() {
  local follow='' word='' logs=() names=()
  while (($# > 0)); do
    case $1 in
      -f) follow=1 ;;
      --with) require_value "$@"; word=$2; shift ;;
      -*) fail "logs does not know \"$1\"" "./crm logs [SERVICE] [-f] [--with WORD]" 2 ;;
      *) names+=("$1") ;;
    esac
    shift
  done
  local known name
  known=$(find "$state/log" -maxdepth 1 -name '*.log' -printf '%f\n' 2>/dev/null | sed 's/\.log$//' | sort)
  [[ -n $known ]] || fail "there are no logs: nothing has been started yet" "./crm up"
  for name in "${names[@]}"; do
    grep -qxF -- "$name" <<<"$known" || fail "there is no log of \"$name\"" "one of: ${known//$'\n'/ }" 2
  done
  if ((${#names[@]} == 0)); then
    for name in "${services[@]}"; do
      ! grep -qxF -- "${name%% *}" <<<"$known" || names+=("${name%% *}")
    done
    ((${#names[@]} > 0)) || fail "no service has been started yet" "./crm up, or one of: ${known//$'\n'/ }"
  fi
  for name in "${names[@]}"; do logs+=("$state/log/$name.log"); done
  if [[ -n $follow ]]; then
    tail -n 20 -F "${logs[@]}" | grep --line-buffered -F -- "$word"
  elif [[ -n $word ]]; then
    grep -F -- "$word" "${logs[@]}" | tail -n 40
  else
    tail -n 40 "${logs[@]}"
  fi
}
