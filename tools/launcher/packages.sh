# Debian packages: which are missing, and installing them without starting or configuring a server.
# shellcheck shell=bash

service_policy=/usr/sbin/policy-rc.d
cluster_settings=/etc/postgresql-common/createcluster.conf

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
  undo_killed_install
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  command -v apt-get >/dev/null ||
    fail "these packages are missing and this machine has no apt-get: ${missing[*]}" \
      "use Debian 12, or install their counterparts and set GUANXI_INSTALL=no"
  step "Installing from Debian (no server is started or configured on the machine):"
  note "${missing[*]}"
  # The password is asked for here, not behind the progress line.
  as_root true ||
    fail "only root may install packages, and sudo did not make you root" \
      "as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  install_packages "${missing[@]}"
}

install_packages() {
  local log=$state/log/packages.log interrupted=''
  mkdir -p "$state/log"
  : >"$log"
  # Between these two no postinst may start a service, and PostgreSQL makes no cluster of its own. dpkg is not
  # interrupted in the middle: an interrupt takes effect when it has come to an end.
  trap 'restore_service_policy' EXIT
  trap 'interrupted=1' INT TERM HUP
  hold_service_policy
  as_root dpkg --configure -a >>"$log" 2>&1 </dev/null || fail_install "dpkg could not finish what was interrupted earlier"
  apt_quietly update || warn "the package lists could not be renewed; going on with those there are"
  if [[ " $* " == *" postgresql-15 "* ]]; then
    apt_quietly install postgresql-common || fail_install "postgresql-common could not be installed"
    hold_main_cluster
  fi
  apt_quietly install "$@" || fail_install "the packages could not be installed"
  if [[ " $* " == *" redis-server "* && -d /run/systemd/system ]]; then
    as_root systemctl disable redis-server >>"$log" 2>&1 || true
  fi
  restore_service_policy
  trap - EXIT INT TERM HUP
}

apt_quietly() {
  local verb=$1
  shift
  local options=(-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  [[ $verb == update ]] || options+=(-y --no-install-recommends)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$verb" "$@" >>"$log" 2>&1 </dev/null &
  local child=$! since=$SECONDS status=0
  while kill -0 "$child" 2>/dev/null; do
    progress "apt-get $verb, $(duration $((SECONDS - since))): $(tail -c 200 "$log" | tail -n 1 | cut -c 1-60)"
    sleep 0.5
  done
  progress_done
  wait "$child" || status=$?
  [[ -z $interrupted ]] || fail "interrupted" "run the same command again; it goes on where it stopped" 130
  return "$status"
}

fail_install() {
  tail -n 15 "$log" >&2
  fail "$1" "the lines above name the cause (all of them: $log); is there a network? Then run the same command again"
}

hold_service_policy() {
  held_policy='' held_cluster=''
  [[ ! -e $service_policy ]] || return 0
  printf '#!/bin/sh\n# Put here by ./crm while it installs packages: %s %s\nexit 101\n' $$ "$(identity_of $$)" |
    as_root tee "$service_policy" >/dev/null
  as_root chmod 755 "$service_policy"
  held_policy=1
}

hold_main_cluster() {
  [[ -e $cluster_settings ]] || return 0
  # One that a killed install left is the original.
  [[ -e $cluster_settings.before-guanxi ]] || as_root cp -p "$cluster_settings" "$cluster_settings.before-guanxi"
  held_cluster=1
  printf 'create_main_cluster = false\n' | as_root tee -a "$cluster_settings" >/dev/null
}

restore_service_policy() {
  [[ -z ${held_policy:-} ]] || as_root rm -f "$service_policy"
  [[ -z ${held_cluster:-} ]] || as_root mv "$cluster_settings.before-guanxi" "$cluster_settings"
  held_policy='' held_cluster=''
}

# What a ./crm left that was killed while it installed packages. One that is still at it is left alone.
undo_killed_install() {
  local installer identity
  [[ -r $service_policy ]] || return 0
  read -r installer identity < <(sed -n 's/^# Put here by .* packages: //p' "$service_policy") || return 0
  [[ $(identity_of "$installer") != "$identity" ]] || return 0
  as_root rm -f "$service_policy"
  [[ ! -e $cluster_settings.before-guanxi ]] || as_root mv "$cluster_settings.before-guanxi" "$cluster_settings"
}
