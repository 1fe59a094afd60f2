import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment, Step, Visit } from '../experiments/experiment.js';
import { ChildFailure } from '../processes/control/parent.js';
import { readRun } from '../results/run-folder.js';
import { wholeRun } from './testing/whole-run.js';

const results = mkdtempSync(join(tmpdir(), 'pollcost-looks-'));
after(() => rmSync(results, { recursive: true, force: true }));

const PLANNED = 2;
/** A share of this time is for a second look. */
const ROUND_MS = 40;

const visits = [50, 100].map(
  (highestFd): Visit => ({
    poller: 'select',
    factors: {
      highestFd,
      watched: 1,
      position: 'none',
      timeout: 'zero',
      fileTable: 'private',
      socket: 'tcp',
    },
    conditions: {},
    series: [{ name: 'pollcost' }],
  }),
);
const launch = { rounds: 1, visits: [0, 1], setting: {}, secondsPerRound: 0.002, secondsToStart: 0 };

/** An fd numbered 100 costs 1.3 to 1.7 times one numbered 50, by the launch, where 1.5 is a limit. One launch of the second look fails. */
function astride(): Experiment {
  let lives = 0;
  return {
    id: 'highest-fd',
    question: 'is it twice?',
    plan: () => ({
      id: 'highest-fd',
      visits,
      launches: Array.from({ length: PLANNED }, () => launch),
      warnings: [],
    }),
    async open() {
      const life = lives++;
      return {
        pid: process.pid,
        async round(steps: readonly Step[]) {
          if (life === PLANNED) throw new ChildFailure('planted: fell over');
          await sleep(ROUND_MS);
          const costs = [100, life % 2 === 0 ? 130 : 170];
          return {
            samples: steps.map(({ visit }) => ({
              visit,
              series: 'pollcost' as const,
              turns: 1,
              metrics: { cpuNsPerTurn: costs[visit] as number },
            })),
          };
        },
        async end() {},
      };
    },
  };
}

test('launches of the second look are counted with the others, and those that fail are told', async () => {
  const folder = join(results, 'run');
  const shown = await wholeRun(astride(), 'select', folder, results);
  const { looks = [], experiments, warnings } = readRun(folder);
  assert.equal(looks.length, 2);
  assert.equal(looks[0]?.verdicts['highest-fd'], 'undecided');
  const more = looks[0]?.more.reduce((sum, { launches }) => sum + launches, 0) ?? 0;
  assert.ok(more > 1, `${more} launches`);
  const [{ launches = 0, rounds = 0, seconds = 0, status = '' } = {}] = experiments;
  assert.equal(status, 'completed');
  assert.equal(launches, PLANNED + more - 1);
  assert.ok(rounds >= launches);
  assert.ok(seconds * 1000 >= rounds * ROUND_MS * 0.9, `${seconds} s`);
  for (const all of [shown, warnings])
    assert.equal(all.filter(({ message }) => /planted: fell over/.test(message)).length, 1);
});
