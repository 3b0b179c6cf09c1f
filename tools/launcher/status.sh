# `./crm status`: one table, and the next command for whatever is wrong.
# shellcheck shell=bash

lag_limit=30 # seconds after which an event that waits is called wrong

command_status() {
  local name rows=() row wrong=0 pipe pipes=()
  only_json status "$@"
  # All are asked at once: one that hangs costs seconds.
  for name in postgres redis customer opportunity contract-credit analytics gateway; do
    exec {pipe}< <(status_row "$name")
    pipes+=("$pipe")
  done
  for pipe in "${pipes[@]}"; do
    read -r row <&"$pipe"
    rows+=("$row")
    [[ $row == *$'\t-' ]] || wrong=1
  done
  if [[ -n $json ]]; then status_json "$wrong"; else status_table; fi
  return "$wrong"
}

# One row: name, state, uptime in seconds, p99 in milliseconds, queue, lag in seconds, dead letters, address, memory
# in KiB, next command; what is not known, or does not apply, is "-".
status_row() {
  local name=$1 pid='' mark next=- uptime=- p99=- queue=- lag=- dead=- memory=- address
  address=$(address_of "$name")
  [[ $address != *: ]] || address=-
  if foreign "$name"; then
    address=elsewhere
    mark=healthy
    answers "$name" || mark=unreachable next="check the address given to ./crm up, then ./crm up"
  elif alive "$name"; then
    uptime=$(uptime_of "$pid")
    memory=$(memory_of "$pid")
    mark=healthy
    answers "$name" || mark=unready next="./crm logs $name"
  elif [[ -e $state/run/$name ]]; then
    mark=dead next="./crm logs $name, then ./crm up"
  else
    mark=stopped next="./crm up"
  fi
  case $name in
    postgres | redis) ;;
    gateway) p99=$(p99_of gateway crm_gateway_request_seconds) ;;
    *)
      p99=$(p99_of "$name" crm_rpc_call_seconds)
      read -r queue lag dead < <(backlog_of "$name")
      if [[ $next == - && $dead != - ]] && ((dead > 0)); then next="./crm logs $name --with dead"; fi
      if [[ $next == - && $lag != - ]] && ((lag > lag_limit)); then next="./crm logs $name --with consumer"; fi
      ;;
  esac
  printf '%s\t' "$name" "$mark" "$uptime" "$p99" "$queue" "$lag" "$dead" "$address" "$memory"
  printf '%s\n' "$next"
}

# Whether PostgreSQL or Redis is not ours to start: what `up` was given.
foreign() { grep -qx "$1" "$state/foreign" 2>/dev/null; }

answers() {
  case $1 in
    postgres) query "$(cat "$state/secrets/database-url")" -c 'SELECT 1' >/dev/null 2>&1 ;;
    redis) redis_answers "$(cat "$state/secrets/redis-url")" ;;
    *) healthy "$1" ;;
  esac
}

# p99_of SERVICE HISTOGRAM: of all calls since the service was started, in milliseconds, within a bucket by its place.
p99_of() {
  http_get "$(address_of "$1-metrics")" /metrics | awk -v name="$2_bucket{" '
    index($0, name) != 1 || /"\/(healthz|metrics|openapi\.json)"/ { next }
    match($0, /le="[^"]*"/) {
      bound = substr($0, RSTART + 4, RLENGTH - 5)
      if (!(bound in calls)) bounds[++n] = bound
      calls[bound] += $NF
    }
    END {
      wanted = 0.99 * calls["+Inf"]
      if (wanted == 0) { print "-"; exit }
      for (i = 1; calls[bounds[i]] < wanted; i++) { below = bounds[i]; sum = calls[bounds[i]] }
      above = bounds[i] == "+Inf" ? below : bounds[i]
      printf "%.1f\n", 1000 * (below + (above - below) * (wanted - sum) / (calls[bounds[i]] - sum))
    }'
}

# backlog_of SERVICE: "queue lag dead", counted in its schema; "- - -" when the database does not tell.
backlog_of() {
  local counts=''
  if [[ -s $state/secrets/database-url ]]; then
    counts=$(PGOPTIONS='-c statement_timeout=5s' query "$(cat "$state/secrets/database-url")" -F ' ' \
      -v schema="guanxi_${1//-/_}" -f "$root/tools/launcher/backlog.sql" 2>/dev/null) || true
  fi
  printf '%s\n' "${counts:-- - -}"
}

status_table() {
  local name mark uptime p99 queue lag dead address memory next colour
  printf '%s%-16s%-12s%8s%9s%7s%8s%6s  %-16s%s%s\n' "$bold" SERVICE STATE UPTIME P99 QUEUE LAG DEAD ADDRESS NEXT "$plain"
  for row in "${rows[@]}"; do
    IFS=$'\t' read -r name mark uptime p99 queue lag dead address memory next <<<"$row"
    [[ $uptime == - ]] || uptime=$(duration "$uptime")
    [[ $lag == - ]] || lag=$(duration "$lag")
    [[ $p99 == - ]] || p99+=ms
    case $mark in healthy) colour=$green ;; stopped) colour=$yellow ;; *) colour=$red ;; esac
    printf '%-16s%s%-12s%s%8s%9s%7s%8s%6s  %-16s%s\n' "$name" "$colour" "$mark" "$plain" "$uptime" "$p99" "$queue" \
      "$lag" "$dead" "$address" "${next#-}"
  done
}

# status_json WRONG
status_json() {
  local name mark uptime p99 queue lag dead address memory next comma=''
  printf '{"services":['
  for row in "${rows[@]}"; do
    IFS=$'\t' read -r name mark uptime p99 queue lag dead address memory next <<<"$row"
    printf '%s{"service":"%s","state":"%s","uptime_seconds":%s,"p99_ms":%s,"queue":%s,"lag_seconds":%s,"dead_letters":%s,' \
      "$comma" "$name" "$mark" "${uptime/#-/null}" "${p99/#-/null}" "${queue/#-/null}" "${lag/#-/null}" "${dead/#-/null}"
    printf '"address":"%s","memory_kib":%s,"next":%s}' "$address" "${memory/#-/null}" \
      "$([[ $next == - ]] && echo null || json_string "$next")"
    comma=,
  done
  if (($1 == 0)); then printf '],"healthy":true}\n'; else printf '],"healthy":false}\n'; fi
}
