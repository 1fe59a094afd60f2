#!/bin/sh
# Compiles when a source is newer than the last build, or always with --force. Each build has a folder of its own,
# dist.XXXXXX, and `dist` is a symlink to the last one, replaced in one step: Node finds modules by their real path, so a
# program that runs keeps those that it started with. With --whole `dist` becomes a folder until the next build: npm packs
# no symlinks.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)
how=${1-}

sources="pollers harness reports scripts package.json package-lock.json tsconfig.json"
is_current() {
  [ -L dist ] && [ -e dist/.built ] && [ -z "$(find $sources -newer dist/.built -print -quit)" ]
}

# Whether a process works in this folder, was started from it, or has its .built open, as every program of ours has.
is_used() {
  ls -l /proc/[0-9]*/cwd /proc/[0-9]*/fd 2>/dev/null | grep -qF -e "-> $root/$1" ||
    echo "$root/$1/" | grep -qsF -f - /proc/[0-9]*/cmdline
}

# Removes builds that were replaced a while ago, so that a program that was about to start has started. Where processes do
# not show what they use, two days are longer than any program of ours takes.
sweep() {
  minutes=10
  [ -e /proc/self/fd ] || minutes=2880
  for old in dist.*; do
    [ -d "$old" ] && [ "$old" != "$(readlink dist)" ] || continue
    [ -n "$(find "$old" -prune -mmin +$minutes)" ] || continue
    is_used "$old" || rm -rf "$old"
  done
}

if [ -z "$how" ] && is_current; then
  sweep
  exit 0
fi

if [ ! -x node_modules/.bin/tsc ]; then
  [ -z "$how" ] && [ -e dist/harness/cli/main.js ] && exit 0
  echo "pollcost: the compiler is missing; run 'npm ci' first" >&2
  exit 2
fi

# One builds, and the others take what it made. Without flock all build, which only takes longer.
if command -v flock >/dev/null; then
  exec 9<scripts/build.sh
  flock 9
  if [ -z "$how" ] && is_current; then exit 0; fi
  # Nobody else builds: these were killed.
  rm -rf dist.part.*
fi

part=$(mktemp -d ./dist.part.XXXXXX)
id=${part##*.}
trap 'rm -rf "$part" "dist.link.$id"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
touch "$part/.built"
node_modules/.bin/tsc --outDir "$part"
find pollers harness reports -type f ! -name '*.ts' ! -name '*.tsx' | while read -r asset; do
  mkdir -p "$part/$(dirname "$asset")"
  cp "$asset" "$part/$asset"
done
chmod 755 "$part"
[ ! -e "$part/harness/cli/main.js" ] || chmod 755 "$part/harness/cli/main.js"

# What is replaced counts as such from now on.
if [ -L dist ]; then
  [ ! -d dist ] || touch "$(readlink dist)"
elif [ -d dist ]; then
  touch dist
  mv dist "dist.old.$id"
fi
if [ "$how" = --whole ]; then
  rm -f dist
  mv "$part" dist
  exit 0
fi
mv "$part" "dist.$id"
ln -s "dist.$id" "dist.link.$id"
node -e 'fs.renameSync(...process.argv.slice(1))' "dist.link.$id" dist
sweep
