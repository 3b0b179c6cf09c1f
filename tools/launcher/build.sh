# Configuring and building with CMake presets.
# shellcheck shell=bash

# As many compilers as cores, but no more than memory carries (a gRPC source takes about 1 GB).
build_jobs() {
  local by_memory cores
  cores=$(nproc)
  by_memory=$(awk '$1 == "MemAvailable:" { print int($2 / 1200000) }' /proc/meminfo)
  ((by_memory >= 1)) || by_memory=1
  printf '%s' $((cores < by_memory ? cores : by_memory))
}

# build PRESET [TARGET...]
build() {
  local preset=$1 log=$state/log/build-$1.log since
  shift
  [[ $preset =~ ^(dev|release|asan|tsan)$ ]] || fail "there is no preset \"$preset\"" "one of: dev release asan tsan" 2
  mkdir -p "$state/log"
  require_packages build run
  step "Building ($preset)"
  since=$SECONDS
  forget_moved_build "$preset"
  if ! (cd "$root" && cmake --preset "$preset" >"$log" 2>&1); then
    tail -n 25 "$log" >&2
    fail "cmake could not configure preset \"$preset\"" "the lines above name the cause; all of them: $log"
  fi
  (cd "$root" && NINJA_STATUS='@%f/%t ' ninja -C "build/$preset" -j "$(build_jobs)" "$@" 2>&1) |
    tee -a "$log" | show_build_progress || build_failed "$preset" "$log"
  note "built in $(duration $((SECONDS - since)))"
}

# What was configured for another place, before the clone was moved, is of no use here and in cmake's way.
forget_moved_build() {
  local folder=$root/build/$1
  [[ -s $folder/CMakeCache.txt ]] || return 0
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" || rm -rf "$folder"
}

show_build_progress() {
  live_awk -v terminal="$terminal" '
    /^@[0-9]+\/[0-9]+ / {
      split(substr($1, 2), part, "/")
      tenth = int(10 * part[1] / part[2])
      if (terminal) printf "\r\033[K    %d of %d  %s", part[1], part[2], substr($0, length($1) + 2, 70)
      else if (tenth != last) printf "    %d of %d\n", part[1], part[2]
      last = tenth
      fflush()
    }
    END { if (terminal) printf "\r\033[K" }'
}

build_failed() {
  awk '/^FAILED:/ { failed = 1 } /^@/ { failed = 0 } failed' "$2" | grep -vE '^FAILED:| -c /' | cut -c 1-400 | tail -n 40 >&2
  fail "the build failed (preset $1)" "the compiler's words are above; all of them: $2"
}
