import '../harness/cli/begin.js';
import { killRuns } from './kills.js';

/** `npm run kills [times] [seed]`: ends that many runs at random and prints what was kept. */

const [times = 200, seed = 1] = process.argv.slice(2).map(Number);
const { kills, completed, roundsKept, broken } = await killRuns(
  times,
  seed,
  { experiments: 'limits,watched-fds', latestMs: 2000 },
  (line) => console.error(line),
);
const ways = Object.entries(kills).map(([way, count]) => `${count} ${way}`);
console.log(`${times} kills with seed ${seed}: ${ways.join(', ')}`);
console.log(
  `${completed} runs were completed by --resume in between; ${roundsKept} finished rounds outlived a kill`,
);
console.log(
  broken.length === 0 ? 'every folder readable, no finished round lost, no process left' : broken.join('\n'),
);
process.exitCode = broken.length === 0 ? 0 : 1;
