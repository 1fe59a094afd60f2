import { noiseFloor } from '../../harness/results/noise.js';
import type { Run } from '../../harness/results/run-schema.js';
import { write, writeCount, writeNumber } from '../figures.js';

const flaggedInWords = (flagged: number, rounds: number): string =>
  flagged === 0
    ? 'No round was flagged'
    : `${writeNumber(flagged)} of ${writeCount(rounds, 'round')} ${flagged === 1 ? 'was' : 'were'} flagged`;

/** How far apart two identical pollers were: what is smaller is called no difference. */
export const NoiseFloor = ({ run }: { run: Run }) => {
  const { aaRatio, flaggedRounds } = run.noise;
  const rounds = run.experiments.reduce((sum, experiment) => sum + experiment.rounds, 0);
  const floor = noiseFloor(run);
  const written = aaRatio && write(aaRatio);
  return (
    <section id="noise">
      <h2>The noise floor</h2>
      {floor !== null ? (
        <p class="lead">
          Two identical pollers, measured as if they were different, differ by{' '}
          <b>{`${writeNumber(floor * 100, floor < 0.01 ? 2 : 1)}\u00a0%`}</b>: nothing smaller is called a
          difference.
        </p>
      ) : (
        <p class="lead">
          The noise floor was not measured in this run: no cell had a second, identical poller beside it.
        </p>
      )}
      <p class="aside">
        {written && aaRatio && (
          <>
            That is the root mean square over all pairs of them, as a ratio {written.value} {written.interval}
            , over {writeCount(aaRatio.n, 'round')} in at least{' '}
            {writeCount(aaRatio.launches, 'launch', 'launches')} of each. It does not grow with the number of
            pairs, as the largest of them would. Each verdict takes that of its own experiment and metric.{' '}
          </>
        )}
        {flaggedInWords(flaggedRounds, rounds)}. A round is flagged when the machine took time away from it
        (steal, involuntary switches or CPU pressure); its figures are marked, never dropped.
      </p>
    </section>
  );
};
