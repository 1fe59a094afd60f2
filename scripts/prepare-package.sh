#!/bin/sh
# Makes dist fit to be packed: a folder, with the types of what is public. npm calls it as `prepack`, and for a git
# dependency, which has no prepack, as `prepare`; it tells those from a mere `npm ci` by npm_package_resolved.
set -eu
cd "$(dirname "$0")/.."
if [ "${npm_lifecycle_event-}" = prepare ]; then
  [ -n "${npm_package_resolved-}" ] || exit 0
  # prepack has just been here.
  if [ ! -L dist ] && [ -e dist/harness/index.d.ts ]; then exit 0; fi
fi
sh scripts/build.sh --whole
node_modules/.bin/tsc -p scripts/tsconfig.types.json
