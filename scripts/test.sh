#!/bin/sh
# The whole check: style and import rules, types, then every test of the built tree.
# With arguments, only the tests whose names match: npm test -- "P40"
# The reporter repeats every failure at the end, also where no terminal reads it.
set -eu
cd "$(dirname "$0")/.."
node_modules/.bin/biome check .
sh scripts/build.sh --force
cd dist
if [ $# -gt 0 ]; then exec node --test --test-reporter=spec --test-name-pattern="$1"; fi
exec node --test --test-reporter=spec
