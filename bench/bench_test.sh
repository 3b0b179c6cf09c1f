#!/usr/bin/env bash
# bench_test.sh GUANXI-BENCH: what `./crm bench --json FILE` writes, in a run too short for its figures to mean anything.
set -euo pipefail
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
"$1" --rounds=1 --length=1s --customers=200 --leads=200 --json="$rows"
row='"scenario": "[^"]+", "value": [0-9.e+]+, "unit": "[^"]+", "anchor": ("[^"]+"|null), "ratio": ([0-9.e+-]+|null), "goal": ([0-9.]+|null), "met": (true|false|null)'
for scenario in 'get customer' 'capture lead' 'list 50 leads of an owner'; do
  grep -F "\"scenario\": \"$scenario\"" "$rows" | grep -qE "^  \{$row\},?$" || {
    printf 'no row as promised for "%s":\n' "$scenario"
    cat "$rows"
    exit 1
  }
done
printf 'it measures and tells\n'
