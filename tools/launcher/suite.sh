# The running suite: up, down, status, logs.
# shellcheck shell=bash

# name, port, metrics port
services=("customer 7101 7201" "opportunity 7102 7202" "contract-credit 7103 7203" "analytics 7104 7204" "gateway 7100 7200")
# The build that `up` runs: release, or what GUANXI_PRESET names; the other commands follow it.
suite_preset=${GUANXI_PRESET:-$(cat "$state/preset" 2>/dev/null || echo release)}
bin=$root/build/$suite_preset/bin

command_up() {
  (($# == 0)) || fail "up takes no argument: $*" "./crm help" 2
  take_lock
  require_packages build run
  suite_preset=${GUANXI_PRESET:-release}
  bin=$root/build/$suite_preset/bin
  printf '%s\n' "$suite_preset" >"$state/preset"
  build "$suite_preset" guanxi
  start_databases
  migrate
  make_token_keys
  start_services
  print_addresses
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
  [[ ! -s $keys/token-public.pem ]] || return 0
  (
    umask 077
    mkdir -p "$keys"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/token-private.pem" 2>/dev/null
    openssl pkey -in "$keys/token-private.pem" -pubout -out "$keys/token-public.pem.new" 2>/dev/null
    mv "$keys/token-public.pem.new" "$keys/token-public.pem"
  ) || fail "openssl could not make the token keys in $keys" "check that the folder can be written to"
}

service_role() { printf 'guanxi_%s' "${1//-/_}"; }

service_url() {
  if [[ $1 != gateway ]]; then role_url "$database_url" "$(service_role "$1")" "$(secret "$1")"; fi
}

start_services() {
  local row name port metrics started=()
  for row in "${services[@]}"; do
    read -r name port metrics <<<"$row"
    port_for "$name" "$port" >/dev/null
    port_for "$name-metrics" "$metrics" >/dev/null
  done
  step "Starting the services"
  for row in "${services[@]}"; do
    read -r name _ _ <<<"$row"
    ! outdated "$name" || halt "$name" TERM 30
    alive "$name" || {
      start_service "$name"
      started+=("$name")
    }
  done
  local waiting=()
  for row in "${services[@]}"; do waiting+=("${row%% *}"); done
  if ! wait_until 60 "the services to be healthy" all_healthy "${waiting[@]}"; then
    for name in "${waiting[@]}"; do healthy "$name" || show_log_tail "$name"; done
    fail "not everything became healthy" "the logs above name the cause; ./crm status shows the rest, ./crm up tries again"
  fi
  # A service that dies of its first work is told now, not at the user's first call.
  ((${#started[@]} == 0)) || note "started: ${started[*]}"
}

# The token with which a service calls others in its own name.
service_token() {
  local file=$state/keys/$1.token
  (umask 077 && "$bin/guanxi-token" --service "${1//-/_}" --ttl 31536000 \
    --token-private-key "$state/keys/token-private.pem" >"$file.new" && mv "$file.new" "$file") ||
    fail "no token could be made for $1" "see the message above; ./crm up tries again"
  printf '%s' "$file"
}

# True when the running binary is older than the built one.
outdated() {
  local pid
  alive "$1" && [[ $(readlink "/proc/$pid/exe") == *' (deleted)' ]]
}

address_of() { printf '127.0.0.1:%s' "$(awk -v name="$1" '$1 == name { print $2 }' "$state/ports" 2>/dev/null)"; }

start_service() {
  local name=$1 token=''
  [[ $name == gateway ]] || token=$(service_token "$name")
  GUANXI_SERVICE_TOKEN_FILE=$token GUANXI_DATABASE_URL=$(service_url "$name") GUANXI_REDIS_URL=$redis_url \
    GUANXI_LISTEN=$(address_of "$name") GUANXI_METRICS_LISTEN=$(address_of "$name-metrics") \
    GUANXI_TOKEN_KEYS=$state/keys/token-public.pem GUANXI_REFLECTION=${GUANXI_REFLECTION:-true} \
    GUANXI_CUSTOMER_ADDRESS=$(address_of customer) GUANXI_OPPORTUNITY_ADDRESS=$(address_of opportunity) \
    GUANXI_CONTRACT_CREDIT_ADDRESS=$(address_of contract-credit) GUANXI_ANALYTICS_ADDRESS=$(address_of analytics) \
    launch "$name" '' "$bin/guanxi-$name"
}

healthy() {
  alive "$1" || return 1
  if [[ $1 == gateway ]]; then
    http_ok "$(address_of gateway)" /healthz
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

http_ok() {
  local line
  exec 8<>"/dev/tcp/${1%:*}/${1##*:}" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$2" "$1" >&8
  read -r -t 5 line <&8 || line=''
  exec 8>&-
  [[ $line == 'HTTP/1.1 200'* ]]
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

command_down() {
  local purge='' row
  case ${1:-} in
    '') ;;
    --purge) purge=1 ;;
    *) fail "down does not know \"$1\"" "./crm down [--purge]" 2 ;;
  esac
  [[ -d $state ]] || {
    say "Nothing runs."
    return
  }
  take_lock
  local order=(gateway analytics contract-credit opportunity customer)
  for row in "${order[@]}"; do
    ! alive "$row" || step "Stopping $row"
    halt "$row" TERM 30
  done
  ! alive redis || step "Stopping Redis"
  stop_redis ""
  ! alive postgres || step "Stopping PostgreSQL"
  stop_postgres ""
  if [[ -n $purge ]]; then
    step "Deleting $state and its data"
    local home
    home=$(readlink -f "$state/data" || true)
    [[ $home != /var/lib/guanxi-* ]] || rm -rf "$home"
    rm -rf "$state"
  fi
  say "Stopped."
}

# metric SERVICE NAME: the sum over its labels, "" when the service does not tell.
metric() {
  local line
  exec 8<>"/dev/tcp/127.0.0.1/$(awk -v name="$1-metrics" '$1 == name { print $2 }' "$state/ports")" || return 0
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&8
  timeout 3 cat <&8 | awk -v name="$2" '$1 == name || index($1, name "{") == 1 { sum += $2; seen = 1 } END { if (seen) print sum }'
  exec 8>&-
} 2>/dev/null

status_row() {
  local name=$1 pid='' mark memory='' uptime='' next='' address
  address=$(address_of "$name")
  if alive "$name"; then
    uptime=$(uptime_of "$pid")
    memory=$(memory_of "$pid")
    mark=healthy
    case $name in
      postgres) postgres_ready postgres "${address##*:}" || mark=unready ;;
      redis) redis_ready redis "${address##*:}" "$(secret redis)" || mark=unready ;;
      *) healthy "$name" || mark=unready ;;
    esac
    [[ $mark == healthy ]] || next="./crm logs $name"
  elif [[ -e $state/run/$name ]]; then
    mark=dead next="./crm logs $name, then ./crm up"
  else
    mark=stopped next="./crm up"
  fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$mark" "${uptime:--}" "${memory:--}" "$address" "${next:--}"
}

command_status() {
  local json='' name rows=() row ok=0
  case ${1:-} in
    '') ;;
    --json) json=1 ;;
    *) fail "status does not know \"$1\"" "./crm status [--json]" 2 ;;
  esac
  for name in postgres redis customer opportunity contract-credit analytics gateway; do
    if [[ $name == postgres && -n ${GUANXI_DATABASE_URL:-} ]] || [[ $name == redis && -n ${GUANXI_REDIS_URL:-} ]]; then
      continue
    fi
    rows+=("$(status_row "$name")")
  done
  if [[ -n $json ]]; then status_json; else status_table; fi
  for row in "${rows[@]}"; do [[ $row == *$'\thealthy\t'* ]] || ok=1; done
  return "$ok"
}

status_table() {
  local mark uptime memory address next colour
  printf '%s%-16s %-8s %9s %11s  %-16s %s%s\n' "$bold" SERVICE STATE UPTIME MEMORY ADDRESS NEXT "$plain"
  for row in "${rows[@]}"; do
    IFS=$'\t' read -r name mark uptime memory address next <<<"$row"
    [[ $uptime == - ]] || uptime=$(duration "$uptime")
    [[ $memory == - ]] || memory="$((memory / 1024)) MiB"
    case $mark in healthy) colour=$green ;; stopped) colour=$yellow ;; *) colour=$red ;; esac
    printf '%-16s %s%-8s%s %9s %11s  %-16s %s\n' "$name" "$colour" "$mark" "$plain" "$uptime" "$memory" "$address" \
      "${next#-}"
  done
}

status_json() {
  local mark uptime memory address next comma=''
  printf '{"services":['
  for row in "${rows[@]}"; do
    IFS=$'\t' read -r name mark uptime memory address next <<<"$row"
    printf '%s{"service":"%s","state":"%s","uptime_seconds":%s,"memory_kib":%s,"address":"%s","next":%s}' "$comma" \
      "$name" "$mark" "${uptime/#-/null}" "${memory/#-/null}" "$address" "$([[ $next == - ]] && echo null || json_string "$next")"
    comma=,
  done
  printf ']}\n'
}

command_logs() {
  local follow='' names=() word
  for word in "$@"; do
    case $word in
      -f) follow=1 ;;
      *)
        [[ -e $state/log/$word.log ]] ||
          fail "there is no log of \"$word\"" "one of: $(cd "$state/log" 2>/dev/null && ls | sed 's/\.log$//' | tr '\n' ' ')"
        names+=("$state/log/$word.log")
        ;;
    esac
  done
  if ((${#names[@]} == 0)); then
    local row
    for row in "${services[@]}"; do
      [[ ! -e $state/log/${row%% *}.log ]] || names+=("$state/log/${row%% *}.log")
    done
    ((${#names[@]} > 0)) || fail "nothing has been started yet" "./crm up"
  fi
  if [[ -n $follow ]]; then tail -n 20 -F "${names[@]}"; else tail -n 40 "${names[@]}"; fi
}
