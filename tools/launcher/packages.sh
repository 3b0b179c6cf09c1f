# Debian packages: which are missing, and installing them without starting or configuring a server.
# shellcheck shell=bash

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# missing_packages GROUP...: names from tools/packages.txt that dpkg does not know as installed.
missing_packages() {
  local name group wanted=" $* "
  while read -r name group; do
    [[ -n $name && $name != '#'* && $wanted == *" $group "* ]] || continue
    if [[ $group == node ]] && command -v node >/dev/null && command -v npm >/dev/null; then continue; fi
    case $name in
      # A tool that came another way (a newer clang, another git) does as well.
      shellcheck | git | clang-format | clang-tidy-16 | cmake | openssl) ! command -v "$name" >/dev/null || continue ;;
    esac
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
  done <"$root/tools/packages.txt"
}

# require_packages GROUP...
require_packages() {
  [[ ${GUANXI_INSTALL:-yes} != no ]] || return 0
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  command -v apt-get >/dev/null ||
    fail "these packages are missing and this machine has no apt-get: ${missing[*]}" \
      "use Debian 12, or install their counterparts and set GUANXI_INSTALL=no"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail "these packages are missing and only root may install them: ${missing[*]}" \
      "as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  step "Installing from Debian (no server is started or configured on the machine):"
  note "${missing[*]}"
  install_packages "${missing[@]}"
}

install_packages() {
  local log=$state/log/packages.log
  mkdir -p "$state/log"
  : >"$log"
  # Between these two no postinst may start a service, and PostgreSQL makes no cluster of its own.
  trap 'restore_service_policy' EXIT
  hold_service_policy
  apt_quietly update || fail_install "the package lists could not be read"
  if [[ " $* " == *" postgresql-15 "* ]]; then
    apt_quietly install postgresql-common || fail_install "postgresql-common could not be installed"
    hold_main_cluster
  fi
  apt_quietly install "$@" || fail_install "the packages could not be installed"
  if [[ " $* " == *" redis-server "* && -d /run/systemd/system ]]; then
    as_root systemctl disable redis-server >>"$log" 2>&1 || true
  fi
  restore_service_policy
  trap - EXIT
}

apt_quietly() {
  local verb=$1
  shift
  local options=(-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  [[ $verb == update ]] || options+=(-y --no-install-recommends)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$verb" "$@" >>"$log" 2>&1 </dev/null &
  local pid=$! since=$SECONDS
  while kill -0 "$pid" 2>/dev/null; do
    progress "apt-get $verb, $(duration $((SECONDS - since))): $(tail -c 200 "$log" | tail -n 1 | cut -c 1-60)"
    sleep 0.5
  done
  progress_done
  wait "$pid"
}

fail_install() {
  tail -n 15 "$log" >&2
  fail "$1" "read the lines above (all of them: $log), then run the same command again"
}

hold_service_policy() {
  held_policy='' held_cluster=''
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\n# Put here by ./crm while it installs packages.\nexit 101\n' |
      as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
    held_policy=1
  fi
}

hold_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  [[ -e $conf ]] || return 0
  as_root cp -p "$conf" "$conf.before-guanxi"
  held_cluster=$conf
  printf 'create_main_cluster = false\n' | as_root tee -a "$conf" >/dev/null
}

restore_service_policy() {
  [[ -z ${held_policy:-} ]] || as_root rm -f /usr/sbin/policy-rc.d
  [[ -z ${held_cluster:-} ]] || as_root mv "$held_cluster.before-guanxi" "$held_cluster"
  held_policy='' held_cluster=''
}
