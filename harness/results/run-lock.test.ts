import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { holdFolder, isHeld } from './run-lock.js';

const base = mkdtempSync(join(tmpdir(), 'pollcost-lock-'));
after(() => rmSync(base, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(base, 'run-'));

const MODULE = new URL('./run-lock.js', import.meta.url).href;
const SCRIPT =
  `import { holdFolder } from ${JSON.stringify(MODULE)};` +
  'console.log(JSON.stringify(holdFolder(process.argv[1])));' +
  "process.stdin.resume().on('end', () => process.exit())";

/** A process that asks for the folder, says what it got, and lives until it is ended. */
async function asker(
  folder: string,
  path: string | undefined,
): Promise<{ child: ChildProcess; got: { pid: number } | null }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  const [answer] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, got: JSON.parse(String(answer)) as { pid: number } | null };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** With flock(1), and where there is none. */
const WAYS = { 'by the kernel': process.env.PATH, 'by the processes in the file': base };

/** Asks with the PATH that the others have. */
function under<T>(path: string | undefined, ask: () => T): T {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return ask();
  } finally {
    process.env.PATH = before;
  }
}

for (const [way, path] of Object.entries(WAYS)) {
  test(`locked ${way}: one process has a folder, others are told which, and its death is the end of that`, async () => {
    const folder = fresh();
    assert.equal(isHeld(folder), null, 'nobody took it yet');
    const { child, got } = await asker(folder, path);
    assert.equal(got, null);
    assert.equal(
      under(path, () => isHeld(folder)),
      true,
    );
    const second = await asker(folder, path);
    assert.deepEqual(second.got?.pid, child.pid);
    await killed(second.child);
    await killed(child);
    assert.equal(
      under(path, () => isHeld(folder)),
      false,
    );
    const third = await asker(folder, path);
    assert.equal(third.got, null);
    await killed(third.child);
  });

  test(`locked ${way}: of several that ask at once one gets it, also after one that was killed`, async () => {
    const folder = fresh();
    for (let time = 0; time < 3; time++) {
      const askers = await Promise.all(Array.from({ length: 5 }, () => asker(folder, path)));
      assert.equal(askers.filter(({ got }) => got === null).length, 1);
      await Promise.all(askers.map(({ child }) => killed(child)));
    }
  });
}

test('a pid that another process has by now, and one of before a reboot, hold nothing', () => {
  under(base, () => {
    const folder = fresh();
    assert.equal(holdFolder(folder), null);
    const path = join(folder, 'lock');
    const self = JSON.parse(readFileSync(path, 'utf8')) as object;
    assert.equal(isHeld(folder), true);
    writeFileSync(path, `\n${JSON.stringify({ ...self, startTicks: '1' })}\n`);
    assert.equal(isHeld(folder), false);
    writeFileSync(path, `\n${JSON.stringify({ ...self, boot: 'another' })}\n`);
    assert.equal(isHeld(folder), false);
    writeFileSync(path, `\n${JSON.stringify({ ...self, pidNamespace: 'pid:[1]' })}\n`);
    assert.equal(isHeld(folder), true, 'who cannot be seen may be there');
  });
  assert.equal(isHeld(fresh()), null);
});

test('of a process in a namespace that cannot be seen the kernel knows whether it is gone', () => {
  const folder = fresh();
  const path = join(folder, 'lock');
  assert.equal(
    under(base, () => holdFolder(folder)),
    null,
  );
  const self = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, `\n${JSON.stringify({ ...self, pidNamespace: 'pid:[1]' })}\n`);
  assert.equal(isHeld(folder), false);
  assert.equal(holdFolder(folder), null);
});

test('a copy of a folder is held by nobody, and half a line neither', () => {
  const [folder, copy] = [fresh(), fresh()];
  assert.equal(holdFolder(folder), null);
  cpSync(folder, copy, { recursive: true });
  assert.equal(isHeld(copy), false);
  appendFileSync(join(copy, 'lock'), '\n{"pid":1,"startTi');
  assert.equal(holdFolder(copy), null);
  assert.equal(isHeld(copy), true);
});
