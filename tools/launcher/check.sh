# `./crm check`: form, layers, protos and duplicates. Each check prints one line; what it found follows.
# shellcheck shell=bash

checks=(format layers shell proto breaking tidy duplicates)

command_check() {
  local chosen=() name passed=0 failed=() log=$state/log/check
  for name in "$@"; do
    if [[ $name == --json ]]; then
      json=1
    elif [[ " ${checks[*]} " == *" $name "* ]]; then
      chosen+=("$name")
    else
      fail "check does not know \"$name\"" "./crm check [$(IFS='|' && printf '%s' "${checks[*]}")]... [--json]" 2
    fi
  done
  ((${#chosen[@]} > 0)) || chosen=("${checks[@]}")
  take_lock
  require_packages build check node
  mkdir -p "$log"
  for name in "${chosen[@]}"; do
    local status=0 since=$SECONDS
    progress "$name"
    # Not in a condition: there bash would go on after a failed command.
    set +e
    (
      set -e
      cd "$root"
      "check_$name"
    ) >"$log/$name.log" 2>&1
    status=$?
    set -e
    progress_done
    case $status in
      0)
        passed=$((passed + 1))
        printf '    %sok    %s %-12s %s  %s\n' "$green" "$plain" "$name" "$(duration $((SECONDS - since)))" "$(tail -n 1 "$log/$name.log" | cut -c 1-90)"
        ;;
      77) printf '    %sskipped%s %-11s %s\n' "$yellow" "$plain" "$name" "$(tail -n 1 "$log/$name.log")" ;;
      *)
        failed+=("$name")
        printf '    %sFAILED%s %-12s\n' "$red" "$plain" "$name"
        head -n 60 "$log/$name.log" | sed 's/^/      /'
        note "all of it: $log/$name.log"
        ;;
    esac
  done
  ((${#failed[@]} == 0)) || say "again: ./crm check ${failed[*]}"
  if [[ -n $json ]]; then
    printf '{"passed":%s,"failed":%s,"failures":%s}\n' "$passed" "${#failed[@]}" \
      "$(printf '%s\n' "${failed[@]}" | sed '/^$/d' | json_strings)"
  else
    printf '%s passed, %s failed\n' "$passed" "${#failed[@]}"
  fi
  ((${#failed[@]} == 0))
}

# The commit that a change is judged against: where it left main, or the one before.
base_commit() {
  local base
  base=${GUANXI_BASE:-$(git merge-base HEAD origin/main 2>/dev/null || true)}
  if [[ -z $base || $base == "$(git rev-parse HEAD)" ]]; then
    base=$(git rev-parse --verify -q HEAD~1 || true)
  fi
  printf '%s' "$base"
}

own_sources() {
  find common services tools bench tests proto -path '*/node_modules' -prune -o \( -name '*.cc' -o -name '*.h' \) -print | sort
}

check_format() {
  local files
  mapfile -t files < <(own_sources)
  clang-format --dry-run -Werror --style=file "${files[@]}" || {
    say "remedy: clang-format -i on the files above"
    return 1
  }
  say "${#files[@]} files"
}

check_layers() {
  tools/check_layers.sh
  tools/check_layers_test.sh >/dev/null
  say "the arrows point the right way"
}

check_shell() {
  # -x follows the sourced parts, so that names shared among them are known.
  shellcheck -x crm .ci/run tools/*.sh deploy/docker/*.sh tests/docker/*.sh
  say "shellcheck has nothing to say"
}

# Sets `buf`.
install_buf() {
  buf=$root/tools/buf/node_modules/.bin/buf
  if ! "$buf" --version >/dev/null 2>&1; then
    (cd tools/buf && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
  fi
}

# stage_protos FOLDER PROTO-FOLDER: a buf workspace of our protos and of Google's, which buf must see but not judge.
stage_protos() {
  local google=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis/google
  rm -rf "$1"
  mkdir -p "$1/api" "$1/third_party/google"
  cp -r "$2/crm" "$1/api/"
  cp -r "$google/api" "$google/rpc" "$1/third_party/google/"
  [[ ! -d $2/google ]] || cp -rn "$2/google/." "$1/third_party/google/"
  {
    printf 'version: v2\nmodules:\n  - path: api\n  - path: third_party\n'
    printf '    lint:\n      ignore:\n        - third_party\n'
    awk '/^(lint|breaking):/ { keep = 1 } keep' "$2/buf.yaml"
  } >"$1/buf.yaml"
}

check_proto() {
  local buf
  install_buf
  stage_protos build/buf/new proto
  (cd build/buf/new && "$buf" lint)
  say "buf lint: $(find proto/crm -name '*.proto' | wc -l) files"
}

check_breaking() {
  local buf base
  base=$(base_commit)
  if [[ -z $base ]] || ! git cat-file -e "$base:proto/buf.yaml" 2>/dev/null; then
    say "there is no earlier API to compare with"
    return 77
  fi
  install_buf
  rm -rf build/buf/base
  mkdir -p build/buf/base
  git archive "$base" proto | tar -x -C build/buf/base
  stage_protos build/buf/old build/buf/base/proto
  stage_protos build/buf/new proto
  if ! (cd build/buf/old && "$buf" build -o /dev/null); then
    say "the API of $base does not stand on its own"
    return 77
  fi
  (cd build/buf/new && "$buf" breaking --against ../old)
  say "nothing that clients rely on was taken away since ${base:0:10}"
}

# The files of the change, at most GUANXI_TIDY_FILES (default 24; 0 = every file): a gRPC source takes seconds.
check_tidy() {
  local most=${GUANXI_TIDY_FILES:-24} base files tidy
  tidy=$(command -v clang-tidy-16 || command -v clang-tidy)
  if ((most == 0)); then
    mapfile -t files < <(own_sources | grep '\.cc$')
    most=100000
  else
    base=$(base_commit)
    mapfile -t files < <({
      [[ -z $base ]] || git diff --name-only --diff-filter=d "$base" -- '*.cc'
      git ls-files -o --exclude-standard -- '*.cc'
    } | sort -u)
  fi
  compile_commands_for_clang
  local known=() file unity
  for file in "${files[@]}"; do
    if grep -qF "\"file\": \"$root/$file\"" build/tidy/compile_commands.json; then
      known+=("$file")
    elif unity=$(grep -lrF --include='unity_*.cxx' "#include \"$root/$file\"" build/dev); then
      [[ " ${known[*]} " == *" $unity "* ]] || known+=("$unity") # compiled as one file with its neighbours
    fi
  done
  local chosen=("${known[@]:0:most}")
  ((${#chosen[@]} > 0)) || {
    say "no source changed"
    return 0
  }
  local status=0
  printf '%s\n' "${chosen[@]}" | xargs -P "$(build_jobs)" -n 1 "$tidy" -p build/tidy --quiet 2>&1 |
    sed -E '/^[0-9]+ warnings?( and [0-9]+ errors?)? (generated|treated)|^Suppressed |^Use -header-filter/d' || status=1
  ((status == 0)) || return 1
  say "${#chosen[@]} of ${#known[@]} changed files"
}

# Clang cannot read GCC's precompiled headers: the same headers, as text.
compile_commands_for_clang() {
  [[ -s build/dev/compile_commands.json ]] || cmake --preset dev >/dev/null
  cmake --build build/dev --target crm_generated >/dev/null 2>&1 || true
  mkdir -p build/tidy
  awk -v out="$root/build/tidy" '{
    while (match($0, /-include [^ ]*\/cmake_pch\.hxx/)) {
      path = substr($0, RSTART + 9, RLENGTH - 9)
      if (!(path in copy)) {
        copy[path] = out "/pch-" ++n ".hxx"
        system("cp \"" path "\" \"" copy[path] "\"")
      }
      $0 = substr($0, 1, RSTART - 1) "-include " copy[path] substr($0, RSTART + RLENGTH)
    }
    gsub(/ -fpch-preprocess| -Winvalid-pch| --param=[^ ]*/, "")
    print
  }' build/dev/compile_commands.json >build/tidy/compile_commands.json
}

# The same run of lines in two places. Short runs are includes and boilerplate.
check_duplicates() {
  own_sources | grep -v '_test\.cc$' | xargs -r awk -v least=12 '
    FNR == 1 { for (i = 1; i <= least; i++) window[i] = ""; filled = 0 }
    {
      line = $0
      gsub(/[ \t]+/, " ", line)
      sub(/^ /, "", line)
      if (line == "" || line ~ /^(#include|\/\/|namespace|using |[})\];]+$)/) next
      for (i = 1; i < least; i++) { window[i] = window[i + 1]; at[i] = at[i + 1] }
      window[least] = line
      at[least] = FNR
      if (++filled < least) next
      key = ""
      for (i = 1; i <= least; i++) key = key "\n" window[i]
      if (key in first) {
        if (FILENAME != last_file || FNR > last_line + least) {
          printf "%s:%d repeats %s (%d lines or more)\n", FILENAME, at[1], first[key], least
          found++
        }
        last_file = FILENAME
        last_line = FNR
      } else first[key] = FILENAME ":" at[1]
    }
    END { if (!found) print "no run of " least " lines stands twice"; exit found > 0 }'
}
