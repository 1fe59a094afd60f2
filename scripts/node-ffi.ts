import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { differenceInterval, medianInterval } from '../harness/statistics/bootstrap.js';
import { optionsOrExit } from './options.js';
import { binOf, run } from './package/steps.js';

/**
 * `npm run ffi -- [--node 26] [--launches 5]`: what one epoll_wait() costs through Koffi and through Node's own node:ffi, in
 * the same rounds of the same processes, on a Node that is fetched from npm.
 */

const MEASURE = fileURLToPath(new URL('./ffi/measure.js', import.meta.url));
const SEED = 1;

const { values } = optionsOrExit({
  options: { node: { type: 'string', default: '26' }, launches: { type: 'string', default: '5' } },
});
const folder = mkdtempSync(join(tmpdir(), 'pollcost-ffi-'));
try {
  const { bin } = binOf(values.node, folder);
  const launches = Array.from({ length: Number(values.launches) }, () =>
    run(join(bin, 'node'), ['--disable-warning=ExperimentalWarning', MEASURE], folder)
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  const [about] = launches[0] ?? [];
  console.log(`Node ${about.node}, Koffi ${about.koffi}: CPU time of one epoll_wait() of one ready fd`);
  const of = (name: string): number[][] => launches.map((lines) => lines.slice(1).map((line) => line[name]));
  const names = Object.keys(launches[0]?.[1] ?? {}).sort();
  for (const name of names) {
    const cost = medianInterval(of(name), { seed: SEED });
    const over = differenceInterval(of(name), of('koffi'), { seed: SEED });
    const beside = name === 'koffi' ? '' : `, ${text(over)} ns over Koffi`;
    console.log(`${name.padEnd(22)} ${text(cost)} ns${beside}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function text({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${value.toFixed(0)} [${low.toFixed(0)}, ${high.toFixed(0)}]`;
}
