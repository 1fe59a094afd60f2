import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Engine, NoEngine } from './engine.js';

/** A base image made here, where no registry of images can be reached: Debian's packages, and a Node from npm. */

const RELEASE = 'bookworm';
export const NODE_LINE = '22';
const DEADLINE_MS = 600_000;
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** @throws NoEngine where Debian's packages cannot be had */
export async function importBase(engine: Engine, folder: string, tag: string): Promise<void> {
  const root = join(folder, 'root');
  const { status, stdout } = spawnSync('debootstrap', ['--variant=minbase', RELEASE, root], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  if (status !== 0) throw new NoEngine(`debootstrap failed: ${stdout.trimEnd().split('\n').at(-1)}`);
  addNode(root, folder);
  const tar = spawn('tar', ['-C', root, '--exclude=./var/cache/apt/archives/*.deb', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'exit');
  await engine.load(['import', '-', tag], tar.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code}`);
}

/** npm is the one that runs here, with the registry and the certificates that it knows. */
function addNode(root: string, folder: string): void {
  const home = join(folder, 'node');
  mkdirSync(home);
  const name = `node-linux-${process.arch}`;
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', home, `${name}@${NODE_LINE}`];
  execFileSync('npm', args, { cwd: home, stdio: 'ignore', timeout: DEADLINE_MS });
  const local = join(root, 'usr/local');
  cpSync(join(home, 'node_modules', name, 'bin/node'), join(local, 'bin/node'));
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim();
  cpSync(join(modules, 'npm'), join(local, 'lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  mkdirSync(join(local, 'etc'), { recursive: true });
  const lines = [`registry=${registry}`];
  if (existsSync(CERTIFICATES)) {
    mkdirSync(join(root, dirname(CERTIFICATES)), { recursive: true });
    cpSync(CERTIFICATES, join(root, CERTIFICATES));
    lines.push(`cafile=${CERTIFICATES}`);
  }
  writeFileSync(join(local, 'etc/npmrc'), `${lines.join('\n')}\n`);
}
