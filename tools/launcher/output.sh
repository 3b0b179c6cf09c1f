# What the launcher prints. Colour only on a terminal; failures name the cause and the next step.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the other parts use them

coloured() { [[ -t $1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; }

bold='' dim='' red='' green='' yellow='' plain='' terminal=''
if coloured 1; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m' terminal=1
fi
# The same for standard error, which may go elsewhere.
error_red='' error_yellow='' error_dim='' error_plain=''
if coloured 2; then
  error_red=$'\e[31m' error_yellow=$'\e[33m' error_dim=$'\e[2m' error_plain=$'\e[0m'
fi

# Set by --json: the last line of standard output is one JSON object, after a failure as well.
json=''

say() { printf '%s\n' "$*"; }
step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '%scrm: %s%s\n' "$error_yellow" "$*" "$error_plain" >&2; }

# fail CAUSE NEXT-STEP [EXIT-CODE]: ends the command; 2 says that it was called wrongly.
fail() {
  printf '%scrm: %s%s\n' "$error_red" "$1" "$error_plain" >&2
  printf '     next: %s\n' "$2" >&2
  if [[ -n $json && $BASH_SUBSHELL == 0 ]]; then
    printf '{"error":%s,"next":%s}\n' "$(json_string "$1")" "$(json_string "$2")"
  fi
  exit "${3:-1}"
}

# require_value "$@": for an option that needs a value behind it.
require_value() {
  (($# > 1)) || fail "$1 needs a value" "./crm help" 2
}

# only_json COMMAND "$@": for a command that takes nothing but --json.
only_json() {
  local command=$1 option
  for option in "${@:2}"; do
    [[ $option == --json ]] || fail "$command does not know \"$option\"" "./crm $command [--json]" 2
    json=1
  done
}

# awk that looks at each line as it comes; Debian's own waits for a full buffer unless it is told.
live_awk() {
  local told=()
  [[ $(awk -W version 2>&1 </dev/null) != mawk* ]] || told=(-W interactive)
  awk "${told[@]}" "$@"
}

# One line that is rewritten in place on a terminal; elsewhere a line every 15 seconds.
progress_told=$SECONDS
progress() {
  if [[ -n $terminal ]]; then
    printf '\r\e[K    %s' "$*"
  elif ((SECONDS - progress_told >= 15)); then
    progress_told=$SECONDS
    note "$*"
  fi
}
progress_done() {
  progress_told=$SECONDS
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

# json_strings: standard input's lines as a JSON array.
json_strings() {
  local line comma=''
  printf '['
  while IFS= read -r line; do
    printf '%s%s' "$comma" "$(json_string "$line")"
    comma=,
  done
  printf ']'
}

# seconds → "2d 3h", "4h 5m", "6m 7s", "8s"
duration() {
  local s=$1
  if ((s >= 86400)); then printf '%dd %dh' $((s / 86400)) $((s % 86400 / 3600))
  elif ((s >= 3600)); then printf '%dh %dm' $((s / 3600)) $((s % 3600 / 60))
  elif ((s >= 60)); then printf '%dm %ds' $((s / 60)) $((s % 60))
  else printf '%ds' "$s"; fi
}
