# Processes the launcher started: remembered by pid and identity, so that no other is ever stopped.
# shellcheck shell=bash

# In clock ticks since the boot; nothing for a process that has ended, reaped or not.
start_time_of() {
  awk '{ sub(/^.*\) /, ""); if ($1 != "Z") print $20 }' "/proc/$1/stat" 2>/dev/null
}

# What tells a process from all others that had or will have its pid: when it began, and in which boot.
identity_of() {
  local began
  began=$(start_time_of "$1") && [[ -n $began ]] || return 0
  printf '%s@%s' "$began" "$(cat /proc/sys/kernel/random/boot_id)"
}

# alive NAME: true while the very process that was started under that name runs; sets `pid`.
alive() {
  local remembered identity
  pid=''
  [[ -r $state/run/$1 ]] || return 1
  read -r remembered identity <"$state/run/$1" || return 1
  [[ $remembered =~ ^[0-9]+$ && -n $identity && $(identity_of "$remembered") == "$identity" ]] || return 1
  # shellcheck disable=SC2034  # read by the callers
  pid=$remembered
}

# launch NAME USER COMMAND...: detached from the terminal, output to its log; USER "" means the caller.
launch() {
  local name=$1 user=$2
  shift 2
  local drop=()
  [[ -z $user ]] || drop=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups)
  mkdir -p "$state/run" "$state/log"
  rm -f "$state/run/$name"
  (
    # The name is remembered before the program begins: an interrupt in between leaves nothing unknown.
    local me=$BASHPID
    printf '%s %s\n' "$me" "$(identity_of "$me")" >"$state/run/$name"
    # Nothing of the caller's stays open in what outlives it: no lock, no pipe.
    local open
    for open in "/proc/$me/fd"/*; do
      open=${open##*/}
      ((open <= 2)) || eval "exec $open>&-"
    done
    exec setsid "${drop[@]}" "$@" >>"$state/log/$name.log" 2>&1 </dev/null
  ) &
  local child=$!
  disown
  until [[ -s $state/run/$name ]]; do
    [[ -e /proc/$child ]] || fail "$name could not be started" "is the disk full? ./crm up tries again"
    sleep 0.01
  done
}

# halt NAME SIGNAL SECONDS: asks, waits, and only then kills.
halt() {
  local name=$1 signal=$2 patience=$3 pid
  if alive "$name"; then
    kill -s "$signal" "$pid" 2>/dev/null || true
    local until=$((SECONDS + patience))
    while alive "$name" && ((SECONDS < until)); do sleep 0.05; done
    if alive "$name"; then
      warn "$name did not stop within $patience s and was killed"
      kill -s KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$state/run/$name"
}

uptime_of() {
  awk -v started="$(start_time_of "$1")" -v hertz="$(getconf CLK_TCK)" \
    'NR == 1 { print int($1 - started / hertz) }' /proc/uptime
}

# Resident memory in KiB of a process, and what its children (PostgreSQL) have of their own.
memory_of() {
  cat /proc/[0-9]*/status 2>/dev/null | awk -v me="$1" '
    $1 == "Pid:" { pid = $2 }
    $1 == "PPid:" { parent = $2 }
    $1 == "VmRSS:" && pid == me { total += $2 }
    $1 == "RssAnon:" && parent == me { total += $2 }
    END { print total + 0 }' || true
}

port_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# port_for NAME PREFERRED: the remembered port, or the next free one from PREFERRED, then remembered.
port_for() {
  local name=$1 port=$2 file=$state/ports remembered
  remembered=$(awk -v name="$name" '$1 == name { print $2 }' "$file" 2>/dev/null || true)
  if [[ $remembered =~ ^[0-9]+$ ]] && { alive "$name" || alive "${name%-metrics}" || ! port_taken "$remembered"; }; then
    printf '%s' "$remembered"
    return
  fi
  while port_taken "$port" || awk -v p="$port" '$2 == p { found = 1 } END { exit !found }' "$file" 2>/dev/null; do
    port=$((port + 10))
    ((port < 32000)) || fail "no free port for $name" "stop what occupies the ports above $2"
  done
  {
    awk -v name="$name" '$1 != name' "$file" 2>/dev/null || true
    printf '%s %s\n' "$name" "$port"
  } >"$file.new"
  mv "$file.new" "$file"
  printf '%s' "$port"
}

# wait_until SECONDS WHAT COMMAND...: polls a condition; false when it stays unmet.
wait_until() {
  local patience=$1 what=$2 until
  shift 2
  until=$((SECONDS + patience))
  until "$@"; do
    if ((SECONDS >= until)); then
      progress_done
      return 1
    fi
    progress "waiting for $what, $((until - SECONDS)) s left"
    sleep 0.1
  done
  progress_done
}

# wait_for NAME SECONDS WHAT COMMAND...: as wait_until, but gives up at once when the process has ended.
wait_for() {
  local name=$1
  shift
  wait_until "$1" "$2" ready_or_ended "$name" "${@:3}" && alive "$name"
}

ready_or_ended() {
  local name=$1
  shift
  ! alive "$name" || "$@"
}

show_log_tail() {
  printf '%s--- last 20 lines of %s%s\n' "$error_dim" "$state/log/$1.log" "$error_plain" >&2
  tail -n 20 "$state/log/$1.log" >&2 2>/dev/null || printf 'it wrote no log\n' >&2
}
