import { spawnSync } from 'node:child_process';
import { readRunFigures } from '../../harness/gate/two-runs.js';
import { medianInterval } from '../../harness/statistics/bootstrap.js';

/** Whether a container changes what is measured: the same bench by turns on the host and in the image, on one line of Node. */

const ALLOWED = 0.05;
const DEADLINE_MS = 180_000;
const SEED = 1;
/** The ratios by which machines are held together: the growth with the fds, and each poller over poll. */
const HEADLINES =
  /^watched-fds\/(\S+)\/(growth|overPoll)\(watched=(1\.\.)?1000,ready=1,position=last,timeout=(zero|finite)\)$/;

export const comparedBench = (index: number): string[] => [
  ...'bench --profile quick --experiments watched-fds --pollers select-wide,poll,epoll --connections 1,1000'.split(
    ' ',
  ),
  ...['--no-report', '--seed', String(index + 1)],
];

/** @throws Error with what it said */
export function runOnHost(node: string, main: string, out: string, index: number): void {
  const { status, stderr, error } = spawnSync(node, [main, ...comparedBench(index), '--out', out], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`bench on the host: exit code ${status}\n${stderr}`);
}

export interface PairOfRuns {
  readonly host: string;
  readonly container: string;
}

/** A line for each ratio, at full speed, and how many are surely further apart than 5 %. @throws DamagedFile */
export function sideBySide(pairs: readonly PairOfRuns[]): { lines: string[]; beyond: number } {
  const read = pairs.map(({ host, container }) => [readRunFigures(host), readRunFigures(container)] as const);
  const [first] = read;
  const ids = [...(first?.[0].figures.keys() ?? [])].filter(
    (id) => HEADLINES.test(id) && read.every((both) => both.every(({ figures }) => figures.has(id))),
  );
  let beyond = 0;
  const lines = ids.map((id) => {
    const values = read.map(
      ([host, container]) => [host.intervalOf(id).value, container.intervalOf(id).value] as const,
    );
    const of = (figures: readonly number[]) =>
      medianInterval(
        figures.map((figure) => [figure]),
        { seed: SEED },
      );
    const [host, container] = [of(values.map(([a]) => a)), of(values.map(([, b]) => b))];
    const log = of(values.map(([a, b]) => Math.log(b / a)));
    const apart = { value: Math.exp(log.value), low: Math.exp(log.low), high: Math.exp(log.high) };
    const isBeyond = apart.low > 1 + ALLOWED || apart.high < 1 / (1 + ALLOWED);
    if (isBeyond) beyond++;
    const isWithin = apart.low >= 1 / (1 + ALLOWED) && apart.high <= 1 + ALLOWED;
    const verdict = isBeyond ? 'beyond 5 %' : isWithin ? 'within 5 %' : 'not sure';
    return `${id}\n  host ${text(host)}, container ${text(container)}; container/host ${text(apart)}: ${verdict}`;
  });
  const shares = read.flatMap((both) => both.map(({ run }) => run.noise.shareAtFullSpeed ?? 0));
  const least = `at least ${Math.round(Math.min(...shares) * 100)} % of each run at full speed`;
  return {
    lines: [
      ...lines,
      `${ids.length} ratios of ${pairs.length} pairs of runs, ${beyond} beyond 5 %; ${least}`,
    ],
    beyond,
  };
}

function text({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${short(value)} [${short(low)}, ${short(high)}]`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
