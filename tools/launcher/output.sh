# What the launcher prints. Colour only on a terminal; failures name the cause and the next step.
# shellcheck shell=bash

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m' terminal=1
else
  bold='' dim='' red='' green='' yellow='' plain='' terminal=''
fi

say() { printf '%s\n' "$*"; }
step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '%scrm: %s%s\n' "$yellow" "$*" "$plain" >&2; }

# fail CAUSE NEXT-STEP: ends the command.
fail() {
  printf '%scrm: %s%s\n' "$red" "$1" "$plain" >&2
  [[ -z ${2:-} ]] || printf '     next: %s\n' "$2" >&2
  exit "${3:-1}"
}

# One line that is rewritten in place on a terminal and left out elsewhere.
progress() {
  if [[ -n $terminal ]]; then printf '\r\e[K    %s' "$*"; fi
}
progress_done() {
  if [[ -n $terminal ]]; then printf '\r\e[K'; fi
}

json_string() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\t'/\\t}
  printf '"%s"' "$text"
}

# seconds → "2d 3h", "4h 5m", "6m 7s", "8s"
duration() {
  local s=$1
  if ((s >= 86400)); then printf '%dd %dh' $((s / 86400)) $((s % 86400 / 3600))
  elif ((s >= 3600)); then printf '%dh %dm' $((s / 3600)) $((s % 3600 / 60))
  elif ((s >= 60)); then printf '%dm %ds' $((s / 60)) $((s % 60))
  else printf '%ds' "$s"; fi
}
