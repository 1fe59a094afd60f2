import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { pollersHere } from '../pollers/manifest.js';
import { type Emulated, emulatedNode, NoEmulation, requireEmulation } from './arm64/emulated.js';
import { type Outcome, outcomesIn } from './arm64/tap.js';
import { optionsOrExit } from './options.js';

/**
 * `npm run arm64 -- [--node 22]`: the tests of libc and the contract of every poller on an arm64 Node that qemu runs here:
 * struct layouts, constants and system calls, and no figures. Exit code 1 when a line fails that is not qemu's own.
 */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const DEADLINE_MS = 400_000;
const CONTRACT = 'pollers/contract/suite.test.js';

/** What qemu's emulation of system calls cannot do: its own words, and what they mean. */
const OF_QEMU: readonly (readonly [RegExp, string])[] = [
  [/bit out of range 0 - FD_SETSIZE/, "qemu-user's own select() takes no fd above 1 023"],
];

const { values } = optionsOrExit({ options: { node: { type: 'string', default: '22' } } });
const folder = mkdtempSync(join(tmpdir(), 'pollcost-arm64-'));
try {
  requireEmulation();
  const node = emulatedNode(CHECKOUT, folder, values.node);
  console.log(`Node ${node.version} for arm64, by qemu-user`);
  // What the headers say is asked of their own compiler, without a Node: npm test.
  const libc = readdirSync(join(folder, 'pollers/libc/linux')).filter(
    (name) => name.endsWith('.test.js') && name !== 'headers.test.js',
  );
  const failures = [
    ...libc.flatMap((name) => tell(name, run(node, `pollers/libc/linux/${name}`, '.'))),
    ...pollersHere.flatMap((name) => tell(name, contractOf(node, name))),
  ];
  if (failures.length > 0) process.exitCode = 1;
} catch (error) {
  const isSkipped = error instanceof NoEmulation;
  console.error(isSkipped ? `skipped: ${error.message}` : (error as Error).stack);
  if (!isSkipped) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(node: Emulated, file: string, pattern: string) {
  const args = ['--test-reporter=tap', `--test-name-pattern=${pattern}`, file];
  const { stdout, stderr, status } = node.run(args, DEADLINE_MS);
  return {
    outcomes: outcomesIn(stdout),
    words: `${stdout}\n${stderr}`,
    ended: status !== null && status < 2,
  };
}

/** A process that qemu ended over a line goes on behind it. */
function contractOf(node: Emulated, poller: string): ReturnType<typeof run> {
  const outcomes: Outcome[] = [];
  for (;;) {
    const last = /^P(\d+)/.exec(outcomes.at(-1)?.title ?? '')?.[1];
    const next = last === undefined ? 1 : Number(last) + 1;
    const lines = Array.from({ length: 46 - next }, (_, index) => next + index);
    const ran = run(node, CONTRACT, `^P(${lines.join('|')}) ${poller}:`);
    outcomes.push(...ran.outcomes.filter(({ title }) => title.includes(` ${poller}: `)));
    if (ran.ended || next > 45) return { ...ran, outcomes };
    const lost = /^P(\d+)/.exec(outcomes.at(-1)?.title ?? '')?.[1];
    const why = OF_QEMU.find(([pattern]) => pattern.test(ran.words))?.[1];
    const line = lost === undefined || Number(lost) < next ? next : Number(lost) + 1;
    const title = `P${line} ${poller}: ended the process`;
    outcomes.push(
      why ? { title, result: 'skipped', why } : { title, result: 'failed', why: ran.words.slice(-400) },
    );
    if (line >= 45) return { ...ran, outcomes };
  }
}

/** Prints what came of it; returns what failed. */
function tell(what: string, { outcomes }: ReturnType<typeof run>): Outcome[] {
  const of = (result: Outcome['result']) => outcomes.filter((each) => each.result === result);
  const [passed, skipped, failed] = [of('passed'), of('skipped'), of('failed')];
  const counts = `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`;
  console.log(`${what.padEnd(20)} ${outcomes.length === 0 ? 'nothing: it cannot be loaded here' : counts}`);
  for (const { title, why } of failed) console.log(`  failed: ${title}: ${why}`);
  for (const why of new Set(skipped.map((each) => each.why))) {
    const count = skipped.filter((each) => each.why === why).length;
    console.log(`  skipped: ${count > 1 ? `${count} times, ` : ''}${why}`);
  }
  return failed;
}
