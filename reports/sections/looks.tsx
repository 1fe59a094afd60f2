import type { Run } from '../../harness/results/run-schema.js';
import { writeCount, writeList, writeNumber, writeTime } from '../figures.js';

type Look = NonNullable<Run['looks']>[number];

const openIn = ({ verdicts }: Look): number =>
  Object.values(verdicts).filter((verdict) => verdict === 'undecided').length;

const added = ({ more }: Look): string => {
  const launches = more.reduce((sum, each) => sum + each.launches, 0);
  const where = writeList([...new Set(more.map(({ experiment }) => experiment))]);
  return `${writeCount(launches, 'launch', 'launches')} more of the cells that decide it (${where})`;
};

/** When the verdicts were judged, and what the run did for those that were open. */
export const Looks = ({ run }: { run: Run }) => {
  const [first, second] = run.looks ?? [];
  if (first === undefined) return null;
  return (
    <section id="looks">
      <h2>Looks at the verdicts</h2>
      <p>
        {`The first look, at ${writeTime(first.at)}, left ${writeNumber(openIn(first))} of ${writeCount(Object.keys(first.verdicts).length, 'claim')} open. `}
        {first.more.length > 0 ? `What more rounds may decide got ${added(first)}. ` : 'It was the last. '}
        {second &&
          `The second look, at ${writeTime(second.at)}, is the last: it left ${writeNumber(openIn(second))} open. `}
        {`The intervals of each are at ${writeNumber(first.level * 100, 1)} %, so that two looks miss as seldom as one at 95 % would.`}
      </p>
    </section>
  );
};
