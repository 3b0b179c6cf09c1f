#!/bin/sh
# Lints the protos with buf; with a git revision as argument also refuses what breaks its clients.
#   proto/check.sh [BASE_REVISION]
# Needs protoc, Debian's google/api protos and `npm ci` in tools/node. GOOGLEAPIS_DIR names another copy of them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
googleapis=${GOOGLEAPIS_DIR:-/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis}
buf=${BUF:-$root/tools/node/node_modules/.bin/buf}
[ -x "$buf" ] || { echo "buf is missing: run 'npm ci' in tools/node" >&2; exit 2; }
[ -d "$googleapis/google/api" ] || { echo "google/api protos are missing: apt-get install golang-github-grpc-ecosystem-grpc-gateway-dev" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# describe PROTO_FOLDER OUTPUT
describe() {
  (cd "$1" && find crm -name '*.proto' | sort | xargs protoc -I . -I "$googleapis" --include_imports \
    --include_source_info --descriptor_set_out="$2")
}

describe "$root/proto" "$work/now.binpb"
"$buf" lint "$work/now.binpb" --config "$root/proto/buf.yaml"
if [ $# -gt 0 ]; then
  mkdir "$work/base"
  git -C "$root" archive "$1" proto | tar -x -C "$work/base"
  describe "$work/base/proto" "$work/base.binpb"
  "$buf" breaking "$work/now.binpb" --against "$work/base.binpb" --config "$root/proto/buf.yaml"
fi
