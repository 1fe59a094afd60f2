import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readRun } from '../results/run-folder.js';
import { hasPty, onTerminal } from './testing/pty.js';
import { WITHOUT_TWIN } from './testing/without-twin.js';

/** `bench` on real terminals. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-terminal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const needsPty = hasPty() ? {} : { skip: 'there is no python3 to make a terminal with' };
const CTRL_C = '\x03';
const ESCAPE = '\x1b';

/** Bench under few fds, which it warns of at length. */
const bench = (args: string) => ['sh', '-c', `ulimit -n 256; exec "${process.execPath}" "${MAIN}" ${args}`];
const MANY = 'bench --experiments watched-fds,highest-fd --pollers poll,epoll --seed 1';

/** What the terminal was last told of this mode; modes are on from the start. */
const isOn = (screen: string, mode: number): boolean =>
  screen.split(`${ESCAPE}[?${mode}`).at(-1)?.startsWith('l') !== true ||
  !screen.includes(`${ESCAPE}[?${mode}`);

/** What was printed, line by line, without what moves the cursor. */
const linesOf = (screen: string): string[] =>
  screen
    .replaceAll(new RegExp(`${ESCAPE}(\\[[?\\d;]*[A-Za-z]|[78])`, 'g'), '\r')
    .split('\n')
    .map((line) => line.split('\r').filter(Boolean).at(-1) ?? '');

for (const columns of [40, 80]) {
  test(
    `on ${columns} columns warnings stand above the bar, wrapped by words; ctrl-C twice restores the terminal`,
    needsPty,
    async () => {
      const out = `out-${columns}`;
      const terminal = onTerminal(columns, bench(`${MANY} --out ${out}`), {
        cwd: folder,
        env: WITHOUT_TWIN,
      });
      await terminal.shows(/ % .* left {2}watched-fds/);
      await terminal.shows(/ [1-9]\d? % /);
      terminal.type(CTRL_C);
      await sleep(30);
      terminal.type(CTRL_C);
      assert.equal(await terminal.exitCode, 130, terminal.screen);
      const run = readRun(join(folder, out));
      assert.equal(run.status, 'interrupted');
      const { screen } = terminal;
      assert.ok(isOn(screen, 25), 'the cursor is visible');
      assert.ok(isOn(screen, 7), 'lines wrap');
      const lines = linesOf(screen);
      const text = lines.join(' ').replaceAll(/ +/g, ' ');
      assert.ok(run.warnings.length > 0);
      for (const { message, advice } of run.warnings) {
        assert.ok(text.includes(`warning: ${message} (${advice})`), `'${message}' in:\n${lines.join('\n')}`);
      }
      for (const line of lines) {
        assert.ok(line.length <= columns || !line.trimEnd().includes(' '), `wider than the screen: ${line}`);
      }
    },
  );
}

test('on a terminal of TERM=dumb there are plain lines', needsPty, async () => {
  const env = { ...WITHOUT_TWIN, TERM: 'dumb' };
  const terminal = onTerminal(80, bench(`${MANY} --out dumb`), { cwd: folder, env });
  await terminal.shows(/-fds?: .*about/s);
  terminal.type(CTRL_C);
  assert.equal(await terminal.exitCode, 130, terminal.screen);
  assert.ok(!terminal.screen.includes(ESCAPE), JSON.stringify(terminal.screen));
  assert.match(terminal.screen, /(watched-fds|highest-fd): .*about\s+\d+\s+s/s);
});

// Where CI is set Node takes a terminal for one without colours.
for (const [env, coloured] of [
  [{ CI: undefined }, true],
  [{ CI: undefined, NO_COLOR: '1' }, false],
] as const) {
  test(`verdicts are ${coloured ? 'coloured' : 'not coloured under NO_COLOR'}`, needsPty, async () => {
    const args = 'bench --experiments limits --pollers poll --launches 1 --seed 1';
    const terminal = onTerminal(100, bench(`${args} --out colour-${coloured}`), {
      cwd: folder,
      env: { ...WITHOUT_TWIN, ...env },
    });
    assert.equal(await terminal.exitCode, 0, terminal.screen);
    assert.match(terminal.screen, /undecided/);
    assert.equal(new RegExp(`${ESCAPE}\\[\\d+m`).test(terminal.screen), coloured);
  });
}
