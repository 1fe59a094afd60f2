#!/bin/sh
# Compiles into dist/ when a source is newer than the last build, or always with --force.
# The new tree replaces the old one whole, so that a deleted source leaves nothing behind.
set -eu
cd "$(dirname "$0")/.."

sources="pollers harness reports scripts package.json package-lock.json tsconfig.json"
if [ "${1-}" != --force ] && [ -e dist/.built ] &&
  [ -z "$(find $sources -newer dist/.built -print -quit)" ]; then
  exit 0
fi

if [ ! -x node_modules/.bin/tsc ]; then
  [ -e dist/harness/cli/main.js ] && exit 0
  echo "pollcost: the compiler is missing; run 'npm ci' first" >&2
  exit 2
fi

fresh=$(mktemp -d ./dist.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
touch "$fresh/.built"
node_modules/.bin/tsc --outDir "$fresh"
find pollers harness reports -type f ! -name '*.ts' ! -name '*.tsx' | while read -r asset; do
  mkdir -p "$fresh/$(dirname "$asset")"
  cp "$asset" "$fresh/$asset"
done
chmod 755 "$fresh"
[ ! -e "$fresh/harness/cli/main.js" ] || chmod 755 "$fresh/harness/cli/main.js"
rm -rf dist
mv "$fresh" dist
