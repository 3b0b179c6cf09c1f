#!/usr/bin/env bash
# Which room may include what, read from the real #include lines (ARCHITECTURE.md, "Where things are").
# Usage: tools/check_layers.sh [FOLDER]. Prints each forbidden include with its rule; exit 1 when there is one.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# shellcheck disable=SC2016  # an awk program
find common services -name '*.cc' -o -name '*.h' | sort | xargs -r awk '
function forbid(why) { printf "%s:%d: includes %s: %s\n", FILENAME, FNR, target, why; bad++ }
function own(rooms) { return target ~ "^services/" service "/(" rooms ")/" }
function shared(rooms) { return target ~ "^common/(" rooms ")/" }

FNR == 1 {
  n = split(FILENAME, path, "/")
  service = path[1] == "services" ? path[2] : ""
  room = path[1] == "services" ? (n > 3 ? path[3] : "main") : path[2]
  test = FILENAME ~ /(_test\.cc|_fixture\.(cc|h))$/ || room == "testing"
  header = FILENAME ~ /\.h$/
}

!/^[ \t]*#[ \t]*include[ \t]*["<]/ { next }
{
  target = $0
  sub(/^[^"<]*["<]/, "", target)
  sub(/[">].*$/, "", target)
  grpc = target ~ /^grpc/
  proto = target ~ /^(google\/(protobuf|api|rpc)\/|crm\/)/ || target ~ /\.pb\.h$/
  sql = target ~ /^(pqxx|libpq)/

  if (target ~ /^services\// && target !~ "^services/" service "/")
    forbid(service == "" ? "common knows no service" : "a service includes nothing of another service")
  if (test) next

  if (sql && !(path[1] == "common" && room == "db")) forbid("only common/db includes libpqxx")

  if (service == "") {
    if (room == "base" && target ~ /^common\// && !shared("base")) forbid("common/base stands on nothing")
    if (room == "status" && target ~ /^common\// && !shared("base|status") && target != "common/telemetry/log.h")
      forbid("common/status stands on common/base and the log")
    if (shared("rpc") && room !~ /^(rpc|service)$/) forbid("only services stand on common/rpc")
    if (shared("testing")) forbid("common/testing is for tests")
    if ((grpc || proto) && room ~ /^(base|db|work|schedule|auth)$/) forbid("this room knows neither gRPC nor protos")
    next
  }
  if (service == "gateway" || room == "main") next
  if (shared("testing")) forbid("common/testing is for tests")

  if (room == "domain") {
    if (grpc || proto || sql || target ~ /^(boost|hiredis|spdlog|prometheus)/) forbid("domain has no I/O and no proto")
    else if (target ~ /^services\// && !own("domain")) forbid("domain stands on common/base only")
    else if (target ~ /^common\// && !shared("base") && target !~ /^common\/(status\/errors|imports\/import)\.h$/)
      forbid("domain stands on common/base only")
  } else if (room == "app") {
    if (grpc || proto) forbid("app knows neither gRPC nor protos")
    else if (target ~ /^services\// && !own("domain|app|storage|clients")) forbid("app uses domain, storage and clients")
    else if (shared("rpc|stream")) forbid("app does not know how it is called")
  } else if (room == "storage") {
    if (grpc || proto) forbid("storage knows neither gRPC nor protos")
    else if (target ~ /^services\// && !own("domain|storage")) forbid("storage stands on domain")
    else if (shared("rpc|stream|schedule")) forbid("storage stands on common/db")
  } else if (room == "rpc") {
    if (own("storage|events")) forbid("rpc uses app; never events, never storage")
  } else if (room == "events") {
    if (own("storage|rpc")) forbid("events uses app; never rpc, never storage")
  } else if (room == "clients") {
    if (header && (grpc || proto)) forbid("the headers of clients are free of gRPC")
    if (target ~ /^services\// && !own("domain|clients")) forbid("clients stands on domain")
  } else {
    forbid("\"" room "\" is no room of a service (domain, app, storage, rpc, events, clients, migrations)")
  }
}
END {
  if (bad) printf "%d includes point the wrong way\n", bad
  exit bad > 0
}'
