#!/usr/bin/env bash
# The launcher against what a machine does to it: strangers with remembered pids, half-written files, taken ports,
# killed installs, wrong words. Works in a copy of its own, in a folder with a space, and starts no server.
# shellcheck disable=SC2317  # some functions replace the launcher's own, which calls them
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/a clone"
state=$root/.crm
mkdir -p "$root/tools" "$state/run" "$state/log"
cp "$here/crm" "$root/"
cp -r "$here/tools/launcher" "$here/tools/packages.txt" "$root/tools/"
export GUANXI_INSTALL=no
for part in "$root"/tools/launcher/*.sh; do
  # shellcheck source=/dev/null
  source "$part"
done

failed=0
# expect WHAT WANTED GOT
expect() {
  [[ $2 == "$3" ]] && return 0
  printf '%s: expected "%s", got "%s"\n' "$1" "$2" "$3"
  failed=1
}
yes_or_no() { if "$@"; then printf yes; else printf no; fi; }

# What was started is known and stopped; whoever else has its pid, now or after a reboot, is neither.
launch sleeper '' sleep 60
expect "a launched process" yes "$(yes_or_no alive sleeper)"
pid=''
alive sleeper
stranger=$pid
read -r _ identity <"$state/run/sleeper"
printf '%s 1@%s\n' "$stranger" "${identity#*@}" >"$state/run/younger"
printf '%s %s@another-boot\n' "$stranger" "${identity%@*}" >"$state/run/rebooted"
printf '%s' "$stranger" >"$state/run/half"
printf '' >"$state/run/empty"
printf 'x y\n' >"$state/run/garbage"
for name in younger rebooted half empty garbage; do
  expect "$name" no "$(yes_or_no alive "$name")"
  halt "$name" KILL 1
done
expect "the stranger lives on" yes "$(yes_or_no alive sleeper)"
halt sleeper TERM 10
expect "a stopped process" yes "$(yes_or_no has_ended "$stranger")"

# A port is remembered, until somebody else has it.
taken=''
port_taken() { [[ " $taken " == *" $1 "* ]]; }
expect "a port" 7101 "$(port_for customer 7101)"
expect "a second name" 7111 "$(port_for other 7101)"
taken=7101
expect "a taken port" 7121 "$(port_for customer 7101)"
taken=''
expect "the remembered port" 7121 "$(port_for customer 7101)"
printf 'gateway x\n' >>"$state/ports"
expect "a port that is none" 7100 "$(port_for gateway 7100)"

# What a killed install left is undone; what one that lives has put there stays.
as_root() { "$@"; }
service_policy=$work/policy cluster_settings=$work/settings
printf 'theirs\n' >"$cluster_settings"
(hold_service_policy && hold_main_cluster)
undo_killed_install
expect "the policy of one that lives" yes "$(yes_or_no test -e "$service_policy")"
sed -i 's/packages: [0-9]* /packages: 4194305 /' "$service_policy"
undo_killed_install
expect "the policy of one that was killed" no "$(yes_or_no test -e "$service_policy")"
expect "its cluster settings" theirs "$(cat "$cluster_settings")"

# The 99th percentile lies within its bucket, over all methods; the gateway's own pages do not count.
http_get() {
  printf 'HTTP/1.1 200 OK\r\n\r\n'
  printf 'crm_x_seconds_bucket{method="%s",le="%s"} %s\n' A 0.001 90 A 0.01 98 A +Inf 100 B 0.001 0 B 0.01 100 B +Inf 100
  printf 'crm_y_seconds_bucket{method="/healthz",le="%s"} 7\n' 0.001 +Inf
}
expect "p99" 10.0 "$(p99_of customer crm_x_seconds)"
expect "p99 without calls" - "$(p99_of gateway crm_y_seconds)"

expect "JSON" '["a\"b","c\\d"]' "$(printf 'a"b\nc\\d\n' | json_strings)"

for url in postgresql://root:x@h:1/db 'postgres://h:1/db' 'postgresql://h:1/db?user=root&password=x'; do
  expect "role in $url" postgresql://role:pw@h:1/db "$(role_url "$url" role pw)"
done
expect "role in a query" 'postgresql://role:pw@/db?host=/run&port=1' \
  "$(role_url 'postgresql:///db?password=x&host=/run&user=root&port=1' role pw)"

# Progress is shown while it is made, not at its end.
shows_at_once() {
  local line=''
  coproc showing { "$1"; }
  printf '%s\n' "$2" >&"${showing[1]}"
  IFS= read -r -t 10 line <&"${showing[0]}" || true
  expect "what $1 shows at once" "$3" "$line"
  # shellcheck disable=SC2154  # coproc sets it
  kill "$showing_PID"
  wait "$showing_PID" 2>/dev/null || true
}
shows_at_once show_build_progress '@5/10 Linking' '    5 of 10'
shows_at_once show_suites ' 1/2 Test  #1: a_test ....   Passed    1.00 sec' \
  "$(printf '    %-6s %-40s %6.1f s' ok a_test 1)"

# crm WORD...: sets `code`, `out` and `err`.
crm() {
  code=0
  out=$(cd / && "$root/crm" "$@" 2>"$work/err") || code=$?
  err=$(cat "$work/err")
}
# refused CODE WORDS COMMAND...: with a next step, and with --json an object on the last line.
refused() {
  local wanted=$1 words=$2
  shift 2
  crm "$@"
  expect "code of $*" "$wanted" "$code"
  [[ $err == *"$words"*next:* ]] || expect "message of $*" "$words … next: …" "$err"
  [[ $1 != demo ]] || expect "last line of $*" '{"error":' "$(tail -n 1 <<<"$out" | cut -c 1-9)"
}
: >"$work/empty.csv"
refused 2 'no command "dance"' dance
refused 2 'up does not know' up now
refused 2 'status does not know' status --colour
refused 2 'test does not know' test --fast
refused 2 'needs a value' test -R
refused 2 'check does not know' check everything
refused 1 'been started yet' logs
refused 1 'nothing has been started' token --as nobody
refused 2 'cannot be read' demo --json /nowhere.csv
refused 2 'is empty' demo --json "$work/empty.csv"
refused 2 'one file' demo --json "$work/empty.csv" "$work/empty.csv"
touch "$state/log/customer.log"
refused 2 'no log of "../ports"' logs ../ports

crm status
expect "code of status" 1 "$code"
expect "rows of status" 8 "$(wc -l <<<"$out")"
expect "colour in a pipe" no "$(yes_or_no grep -q $'\e' <<<"$out")"
crm status --json
expect "JSON of status" '{"services":[{"service":"postgres","state":"stopped",' "${out:0:53}"

((failed == 0)) && printf 'the launcher holds\n'
exit "$failed"
