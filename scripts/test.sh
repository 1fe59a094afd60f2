#!/bin/sh
# The whole check: style and import rules, types, then every test of the built tree (scripts/run-tests.ts says how they run).
# With an argument, only the tests whose names match: npm test -- "P40"
set -eu
cd "$(dirname "$0")/.."
node_modules/.bin/biome check . &
style=$!
status=0
sh scripts/build.sh --force || status=$?
wait "$style" || status=$?
[ "$status" -eq 0 ] || exit "$status"
exec node dist/scripts/run-tests.js "$@"
