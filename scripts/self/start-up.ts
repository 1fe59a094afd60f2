import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSamples } from '../../harness/results/run-folder.js';
import { held, type Row, type SelfCost } from './cost.js';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.js', import.meta.url));
const FIRST_ROUND_LIMIT_S = 2;
const LIST_LIMIT_S = 0.5;

export const startUp: SelfCost = {
  title: 'start-up',
  measure: async () => [list(), firstRound()],
};

function list(): Row {
  const seconds = Array.from({ length: 7 }, () => {
    const started = performance.now();
    spawnSync(process.execPath, [MAIN, 'list']);
    return (performance.now() - started) / 1000;
  }).sort((a, b) => a - b)[3] as number;
  return held('pollcost list, median of 7', `${seconds.toFixed(2)} s`, seconds, LIST_LIMIT_S, ' s');
}

function firstRound(): Row {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-self-'));
  try {
    const out = join(folder, 'run');
    const started = Date.now();
    const args = ['run', '-s', 'bench', '--', '--experiments', 'limits', '--out', out];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm run bench failed: ${stderr}`);
    const first = readSamples(out).lines.find((line) => line.kind === 'round');
    if (first?.kind !== 'round') throw new Error('no round was made');
    const seconds = (Date.parse(first.startedAt) - started) / 1000;
    return held(
      'npm run bench to its first round',
      `${seconds.toFixed(2)} s`,
      seconds,
      FIRST_ROUND_LIMIT_S,
      ' s',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
