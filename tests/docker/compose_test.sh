#!/usr/bin/env bash
# Builds the images out of this repository, brings the suite up with Compose, runs the main job in it, and looks at
# what the containers may do. Exit 77 (skipped) where no engine answers.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}
docker info >/dev/null 2>&1 || skip "no container engine answers (apt-get install docker.io, then start dockerd)"
if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
else
  skip "Compose is not installed (apt-get install docker-compose)"
fi
compose+=(-p guanxi-test)
export GUANXI_PORT=${GUANXI_TEST_PORT:-7190}

# Without a registry the base image is made from Debian's packages.
if ! docker image inspect debian:bookworm-slim >/dev/null 2>&1 && ! docker pull -q debian:bookworm-slim >/dev/null 2>&1; then
  command -v debootstrap >/dev/null || skip "no debian:bookworm-slim can be had, and debootstrap is not installed to make one"
  tree=$(mktemp -d)
  debootstrap --variant=minbase bookworm "$tree" >/dev/null
  tar -C "$tree" -c . | docker import - guanxi-base:bookworm >/dev/null
  rm -rf "$tree"
  export GUANXI_BASE_IMAGE=guanxi-base:bookworm
fi

trap '"${compose[@]}" --profile demo down -v --timeout 10 >/dev/null 2>&1' EXIT
"${compose[@]}" build
"${compose[@]}" up -d

gateway_healthy() {
  exec 3<>"/dev/tcp/127.0.0.1/$GUANXI_PORT" || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  local line=''
  read -r -t 5 line <&3 || true
  exec 3>&-
  [[ $line == *' 200 '* ]]
}
until=$((SECONDS + 180))
until gateway_healthy 2>/dev/null; do
  if ((SECONDS > until)); then
    "${compose[@]}" ps
    "${compose[@]}" logs --tail 20
    exit 1
  fi
  sleep 1
done

"${compose[@]}" --profile demo run --rm demo | tee /tmp/guanxi-compose-demo.log
grep -q '0 lost, 0 doubled' /tmp/guanxi-compose-demo.log

# Nobody is root, nothing can be written but what is meant to be, and only the gateway is published.
for id in $("${compose[@]}" ps -q); do
  read -r user read_only ports < <(docker inspect -f '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{json .HostConfig.PortBindings}}' "$id")
  name=$(docker inspect -f '{{.Name}}' "$id")
  [[ $user == 10001:10001 ]] || { printf '%s runs as %s\n' "$name" "$user"; exit 1; }
  [[ $read_only == true ]] || { printf '%s may write its root\n' "$name"; exit 1; }
  [[ $name == *gateway* || $ports == '{}' || $ports == null ]] || { printf '%s publishes %s\n' "$name" "$ports"; exit 1; }
done
printf 'the suite ran its main job in containers\n'
