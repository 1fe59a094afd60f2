#!/bin/sh
# The whole check: style and import rules, types, then every test of the built tree.
# With arguments, only the tests whose names match: npm test -- "P40"
# Three files at a time, of which one mostly waits for a process or a timer, and then one after another those that measure,
# *.alone.test.ts: a neighbour would only make them try longer. The reporter repeats every failure at the end, also where no terminal reads it.
set -eu
cd "$(dirname "$0")/.."
node_modules/.bin/biome check .
sh scripts/build.sh --force
cd dist

run() {
  at_once=$1
  shift
  node --test --test-reporter=spec --test-concurrency="$at_once" "$@"
}

[ $# -eq 0 ] || set -- --test-name-pattern="$1"
status=0
run 3 "$@" $(find . -name '*.test.js' ! -name '*.alone.test.js' | sort) || status=$?
run 1 "$@" $(find . -name '*.alone.test.js' | sort) || status=$?
exit "$status"
