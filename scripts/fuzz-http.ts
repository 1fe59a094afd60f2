import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import '../harness/cli/begin.js';
import { tryOverSockets } from './fuzz/sockets.js';
import { tryStreams } from './fuzz/workers.js';
import { optionsOrExit } from './options.js';

/**
 * `npm run fuzz`: byte streams, well formed and not, to our HTTP server's parser and to Node's server; a part of them also
 * over real connections with resets. Exit code 1 when one message was read in two ways, when a request was served here
 * that Node refuses, at a crash and at a spin.
 */

const HELP = `npm run fuzz -- [--inputs N] [--seed S] [--sockets N]
  --inputs   streams to try; by default 1000000
  --seed     by default drawn; the same seed gives the same streams
  --sockets  how many of them are also sent over a connection; by default 5000
`;

const PROGRESS_MS = 5000;

const { values } = optionsOrExit({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    sockets: { type: 'string', default: '5000' },
    help: { type: 'boolean', default: false },
  },
});

const [inputs, sockets] = [Number(values.inputs), Number(values.sockets)];
const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed);
if (values.help) {
  process.stdout.write(HELP);
} else if (![inputs, sockets, seed].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else {
  await run();
}

async function run(): Promise<void> {
  const began = performance.now();
  let toldMs = began;
  console.error(`seed ${seed}`);
  const {
    inputs: tried,
    tally,
    failures,
  } = await tryStreams(seed, inputs, availableParallelism(), (done) => {
    if (performance.now() - toldMs < PROGRESS_MS) return;
    toldMs = performance.now();
    console.error(`${done} of ${inputs} streams, ${((toldMs - began) / 1000).toFixed(0)} s`);
  });
  const overSockets = await tryOverSockets(seed, Math.min(sockets, inputs));
  const all = [...failures, ...overSockets.failures];
  const lines = Object.entries(tally)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${String(count).padStart(9)}  ${name}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(
    [
      `${tried} streams of seed ${seed}, Node ${process.versions.node} with llhttp ${process.versions.llhttp}, ${seconds} s`,
      ...lines,
      `${String(overSockets.connections).padStart(9)}  over connections, ${overSockets.resets} of them reset`,
      ...all.map((failure) => `FAILED ${failure}`),
      all.length === 0 ? 'no crash, no spin, no message read in two ways' : `${all.length} failures`,
      '',
    ].join('\n'),
  );
  process.exitCode = all.length === 0 ? 0 : 1;
}
