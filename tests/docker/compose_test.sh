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

work=$(mktemp -d)
stop() {
  "${compose[@]}" --profile demo down -v --timeout 10 >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT

# Without a registry the base image is made from Debian's packages.
if ! docker image inspect debian:bookworm-slim >/dev/null 2>&1 && ! docker pull -q debian:bookworm-slim >/dev/null 2>&1; then
  export GUANXI_BASE_IMAGE=guanxi-base:bookworm
  if ! docker image inspect "$GUANXI_BASE_IMAGE" >/dev/null 2>&1; then
    command -v debootstrap >/dev/null || skip "no debian:bookworm-slim can be had, and debootstrap is not installed to make one"
    ((EUID == 0)) || skip "no debian:bookworm-slim can be had, and only root can make one"
    printf 'making %s with debootstrap\n' "$GUANXI_BASE_IMAGE"
    debootstrap --variant=minbase bookworm "$work/base" >"$work/debootstrap.log" || {
      tail -n 20 "$work/debootstrap.log"
      exit 1
    }
    chmod 755 "$work/base" # it becomes "/"
    tar -C "$work/base" -c . | docker import - "$GUANXI_BASE_IMAGE" >/dev/null
    rm -rf "$work/base"
  fi
fi

"${compose[@]}" build
"${compose[@]}" up -d

gateway_answers() {
  exec 3<>"/dev/tcp/127.0.0.1/$GUANXI_PORT" || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  local line=''
  read -r -t 5 line <&3 || true
  exec 3>&-
  [[ $line == *' 200 '* ]]
}
# Every container that has a health check is healthy.
all_healthy() {
  local id
  for id in $("${compose[@]}" ps -q); do
    case $(docker inspect -f '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$id") in
      'running healthy' | 'exited ') ;;
      *) return 1 ;;
    esac
  done
}
until=$((SECONDS + 300))
until all_healthy && gateway_answers 2>/dev/null; do
  if ((SECONDS > until)); then
    "${compose[@]}" ps
    "${compose[@]}" logs --tail 20
    exit 1
  fi
  sleep 1
done

"${compose[@]}" --profile demo run --rm -T demo | tee "$work/demo.log"
grep -q '合同 contracts: [1-9]' "$work/demo.log"
grep -q '0 lost, 0 doubled' "$work/demo.log"

# Nobody is root or may become it, nothing can be written but what is meant to be, and only the gateway is published.
wrong() {
  printf '%s: %s\n' "$1" "$2"
  exit 1
}
looked_at=0
for id in $("${compose[@]}" ps -q); do
  read -r name user read_only dropped ports < <(docker inspect -f \
    '{{.Name}} {{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{json .HostConfig.CapDrop}} {{json .HostConfig.PortBindings}}' "$id")
  [[ $user == 10001:10001 ]] || wrong "$name" "runs as $user"
  [[ $read_only == true ]] || wrong "$name" "may write its root"
  [[ $dropped == '["ALL"]' ]] || wrong "$name" "keeps capabilities: drops $dropped"
  [[ $(docker inspect -f '{{json .HostConfig.SecurityOpt}}' "$id") == *no-new-privileges* ]] || wrong "$name" "may gain privileges"
  [[ $name == *gateway* || $ports == '{}' || $ports == null ]] || wrong "$name" "publishes $ports"
  [[ $name != *gateway* || $(docker inspect -f '{{range .Mounts}}{{.Name}} {{end}}' "$id") != *secrets* ]] || wrong "$name" "sees the secrets"
  looked_at=$((looked_at + 1))
done
((looked_at >= 7)) || wrong compose "only $looked_at containers"
printf 'the suite ran its main job in containers\n'
