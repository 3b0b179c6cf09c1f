#!/usr/bin/env bash
# ./crm as its user has it, on a build that is there: the demo and its last line, a file of one's own, a second `up`,
# one that was killed, servers of one's own, and that nothing is stopped but what it started. Its state is kept aside:
# a suite that runs from this clone is not touched.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset GUANXI_DATABASE_URL GUANXI_REDIS_URL
export GUANXI_INSTALL=no

work=$(mktemp -d)
chmod 755 "$work" # PostgreSQL's account has to enter it
stop() {
  local state
  for state in "$work/second" "$work/first"; do GUANXI_STATE=$state ./crm down --purge >/dev/null 2>&1 || true; done
  rm -rf "$work"
}
trap stop EXIT
export GUANXI_STATE=$work/first

wrong() {
  printf '%s\n' "$1"
  tail -n 30 "$work/said" "$work/errors" 2>/dev/null || true
  exit 1
}
# crm WORD...: has to succeed; `last` is the last line that it said.
crm() {
  ./crm "$@" >"$work/said" 2>"$work/errors" || wrong "./crm $* failed"
  last=$(tail -n 1 "$work/said")
}
expect() { [[ $last =~ $2 ]] || wrong "$1: $last"; }
processes() { cut -d ' ' -f 1 "$GUANXI_STATE"/run/{postgres,redis,customer,opportunity,contract-credit,analytics,gateway}; }
alive() {
  local pid
  for pid in "$@"; do [[ -e /proc/$pid ]] || return 1; done
}
# get PATH [TOKEN]: what the gateway answers.
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$(awk '$1 == "gateway" { print $2 }' "$GUANXI_STATE/ports")"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "${2:-}" >&3
  last=$(cat <&3)
  exec 3>&-
}

crm demo --json
expect "the sample's leads" '^\{"leads":\{"read":60,"imported":56,"rejected":3,"duplicates":1,"assigned":[0-9]+,"waiting":[0-9]+\},'
expect "its deals" '"opportunities":\{"created":[1-9][0-9]*,"won":[1-9][0-9]*,"lost":[0-9]+\},"contracts":\{"active":[1-9][0-9]*\},'
expect "its money" '"instalments":\{"scheduled":[1-9][0-9]*,"paid":[1-9][0-9]*,"overdue":[0-9]+\},"lost":0,"doubled":0\}$'
grep -q "http://127.0.0.1:[0-9]*/openapi.json" "$work/said" || wrong "no address was printed"

mapfile -t first < <(processes)
crm up --json
expect "its addresses" '^\{"gateway":"http://127.0.0.1:[0-9]+","customer":"127.0.0.1:[0-9]+",'
[[ $(processes) == "$(printf '%s\n' "${first[@]}")" ]] || wrong "a second up has started something again"

printf 'Firma,Ruf,origin\nNordwind GmbH,+49 30 1234567,fair\nSüdstern AG,+49 89 7654321,fair\n,,fair\n' >"$work/own.csv"
crm demo "$work/own.csv" --map company=Firma --map phone=Ruf --map source=origin --json
expect "a file of one's own" '^\{"leads":\{"read":3,"imported":2,"rejected":1,"duplicates":0,.*"lost":0,"doubled":0\}$'

crm token --as lin.yue
token=$last
get /v1/leads?page_size=1 "$token"
expect "with a token" '^HTTP/1.1 200 .*"leads":\['
get /v1/leads?page_size=1
expect "without" '^HTTP/1.1 401 '

# Killed in the middle, and once more: what was there is there.
crm down
if alive "${first[@]}"; then wrong "not all was stopped"; fi
setsid ./crm up >"$work/said" 2>&1 &
killed=$!
until [[ -s $GUANXI_STATE/run/postgres ]]; do
  alive "$killed" || wrong "up ended before it could be killed"
  sleep 0.01
done
kill -s KILL -- "-$killed"
wait "$killed" 2>/dev/null || true
crm up
get /v1/leads?page_size=1 "$token"
expect "after an up that was killed" '^HTTP/1.1 200 .*"leads":\[\{'

# Servers of one's own, here those of the first suite: they and all that is not the second's stay.
mapfile -t first < <(processes)
[[ $(cat "$GUANXI_STATE/secrets/database-url") =~ ^postgresql://guanxi:(.*)@127.0.0.1:([0-9]+)/guanxi$ ]]
password=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
PGPASSWORD=$password psql -qX -h 127.0.0.1 -p "$port" -U guanxi -d postgres -c 'CREATE DATABASE other'
second() {
  GUANXI_STATE=$work/second GUANXI_DATABASE_URL="postgresql:///other?user=guanxi&password=$password&host=127.0.0.1&port=$port" \
    GUANXI_REDIS_URL="$(cat "$work/first/secrets/redis-url")/1" crm "$@"
}
second up --json
expect "a suite on servers of one's own" '^\{"gateway":'
[[ ! -e $work/second/postgres && ! -e $work/second/redis ]] || wrong "it has made databases of its own"
second down --purge
alive "${first[@]}" || wrong "something was stopped that it had not started"

crm down --purge
if alive "${first[@]}"; then wrong "not all was stopped"; fi
[[ ! -e $GUANXI_STATE ]] || wrong "down --purge has left its state"
printf 'the two commands hold\n'
