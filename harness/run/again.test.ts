import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session, SessionRound, Step } from '../experiments/experiment.js';
import { Again, MOST_AGAIN } from './again.js';

const FULL = { ns: 3.2, from: 2.88, to: 4.16 };
const fast = { before: 3.2, after: 3.2 };
const slow = { before: 3.2, after: 5.4 };

/** A session whose batches have the speeds of a script, one list for each time it is asked. */
function scripted(script: readonly (readonly ('fast' | 'slow')[])[]) {
  const asked: (readonly Step[])[] = [];
  const session: Session = {
    pid: process.pid,
    async round(steps): Promise<SessionRound> {
      const speeds = script[asked.length] ?? [];
      asked.push(steps);
      const made = steps.flatMap(({ visit, series }) => series.map((name) => ({ visit, series: name })));
      const samples = made.map((sample, at) => ({
        ...sample,
        turns: 1,
        speed: speeds[at] === 'fast' ? fast : slow,
        metrics: {},
      }));
      return { samples, involuntarySwitches: 1 };
    },
    async end() {},
  };
  return { asked, session };
}

const STEPS: readonly Step[] = [
  { visit: 4, series: ['c-twin', 'pollcost'] },
  { visit: 7, series: ['pollcost'] },
];

/** Behind them more, so that what is made again has calm around it. */
const CALM = [9, 10].map(
  (visit): Step => ({ visit, series: ['pollcost', 'pollcost-again', 'c-twin', 'node:http'] }),
);
const CALMLY = Array.from({ length: 8 }, () => 'fast' as const);

async function complete(
  script: readonly (readonly ('fast' | 'slow')[])[],
  { fullSpeed = () => FULL as typeof FULL | null, steps = STEPS } = {},
) {
  const { asked, session } = scripted(script);
  const once = await session.round(steps, 1, 1);
  const again = new Again(fullSpeed);
  // A calm round before leaves time enough.
  await again.complete(session, { samples: [] }, 1000, 1, 1);
  return { asked, round: await again.complete(session, once, 1, 1, 1) };
}

test('only the series that were not at full speed are made again, and all that was made is kept in order', async () => {
  const { asked, round } = await complete([['slow', 'fast', 'slow', ...CALMLY], ['slow', 'fast'], ['fast']], {
    steps: [...STEPS, ...CALM],
  });
  assert.deepEqual(asked.slice(1), [
    [
      { visit: 4, series: ['c-twin'] },
      { visit: 7, series: ['pollcost'] },
    ],
    [{ visit: 4, series: ['c-twin'] }],
  ]);
  assert.deepEqual(
    round.samples
      .filter(({ visit }) => visit < 9)
      .map(({ visit, series, speed }) => `${visit} ${series} ${speed === fast ? 'fast' : 'slow'}`),
    [
      '4 c-twin slow',
      '4 pollcost fast',
      '7 pollcost slow',
      '4 c-twin slow',
      '7 pollcost fast',
      '4 c-twin fast',
    ],
  );
  assert.equal(round.involuntarySwitches, 3);
});

test('a batch is made again five times at most', async () => {
  const always = Array.from({ length: 20 }, () => ['slow', 'slow', 'slow'] as const);
  const { asked, round } = await complete(always);
  assert.equal(asked.length, 1 + MOST_AGAIN);
  assert.equal(round.samples.length, 3 * (1 + MOST_AGAIN));
});

test('nothing is made again while nobody knows what full speed is, or where all were at it', async () => {
  assert.equal((await complete([['slow', 'slow', 'slow']], { fullSpeed: () => null })).asked.length, 1);
  assert.equal((await complete([['fast', 'fast', 'fast']])).asked.length, 1);
});

test('what the declared share of the time does not allow is not made again', async (t) => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  // A quarter of a round pays for none of its three batches, a quarter of two rounds for one.
  const { session: free, asked } = scripted([['slow', 'slow', 'fast'], ['slow', 'slow', 'fast'], ['fast']]);
  const session: Session = {
    ...free,
    async round(...args) {
      const made = await free.round(...args);
      nowMs += 100_000 * made.samples.length;
      return made;
    },
  };
  const again = new Again(() => FULL);
  for (const made of [1, 2]) {
    const once = await session.round(STEPS, 1, 1);
    const seconds = 300;
    await again.complete(session, once, seconds, 1, 1);
    assert.equal(asked.length, made === 1 ? 1 : 3);
  }
  assert.deepEqual(asked[2], [{ visit: 4, series: ['c-twin'] }]);
});

test('a run that is late makes a tenth of its time again, and the whole share where it has seconds to spare', async () => {
  const timesAsked = async (seconds: number, shareAtLeast?: number) => {
    // A quarter of four rounds pays for three of their batches, a tenth for one.
    const { session, asked } = scripted([['slow', 'slow', 'slow'], ['slow'], ['slow', 'slow']]);
    const again = new Again(() => FULL, {
      secondsToSpare: () => seconds,
      ...(shareAtLeast !== undefined && { shareAtLeast }),
    });
    const once = await session.round(STEPS, 1, 1);
    await again.complete(session, { samples: [] }, 900, 1, 1);
    await again.complete(session, once, 300, 1, 1);
    return asked[1]?.flatMap(({ series }) => series).length ?? 0;
  };
  assert.equal(await timesAsked(-50), 1);
  assert.equal(await timesAsked(-50, 0), 0);
  assert.equal(await timesAsked(1000, 0), 3);
  assert.equal(await timesAsked(250), 2);
  assert.equal(await timesAsked(1000), 3);
});

test('what was at full speed in the fewest rounds is made again first', async () => {
  const { session, asked } = scripted([['fast', 'fast', 'slow'], ['slow', 'fast', 'slow'], ['fast']]);
  const again = new Again(() => FULL);
  // A quarter of a round pays for none of its three batches, a quarter of two rounds for one.
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  assert.equal(asked.length, 1);
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  assert.deepEqual(asked[2], [{ visit: 7, series: ['pollcost'] }]);
});

test('what this launch has not seen at full speed is made again before what it has', async () => {
  const { session, asked } = scripted([['fast', 'fast', 'slow'], ['slow', 'fast', 'slow'], ['fast']]);
  const again = new Again(() => FULL);
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  // Another life of the subject: what its predecessor saw of one and not of the other decides no more than the order.
  again.startLaunch();
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  assert.deepEqual(asked[2], [{ visit: 7, series: ['pollcost'] }]);
});

test('of what no launch has seen at full speed what the fewest launches make is made again first', async () => {
  const { session, asked } = scripted([['slow', 'slow', 'slow'], ['slow', 'slow', 'slow'], ['fast']]);
  const again = new Again(() => FULL, { planned: (visit) => (visit === 7 ? 2 : 8) });
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  await again.complete(session, await session.round(STEPS, 1, 1), 300, 1, 1);
  assert.deepEqual(asked[2], [{ visit: 7, series: ['pollcost'] }]);
});

test('a session that reads no speed is asked once', async () => {
  const session = {
    pid: 1,
    round: () => assert.fail('it was asked again'),
    end: async () => {},
  } as unknown as Session;
  const once = { samples: [{ visit: 0, series: 'pollcost', turns: 1, metrics: {} }] } as const;
  assert.deepEqual(await new Again(() => FULL).complete(session, once, 1000, 1, 1), once);
});

test('what is too long for it is not made again', async () => {
  const { asked, session } = scripted([]);
  const once = { ...(await session.round(STEPS, 1, 1)), flags: [] };
  const samples = once.samples.map((sample) => ({ ...sample, isMadeOnce: true }));
  await new Again(() => FULL).complete(session, { ...once, samples }, 1000, 1, 1);
  assert.equal(asked.length, 1);
});
