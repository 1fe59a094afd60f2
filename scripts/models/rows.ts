import { CLOSES_WITHIN, type Closure, closuresOf } from '../../harness/model/closure.js';
import { fitCostModel, isAccepted, modelsOf } from '../../harness/model/cost-model.js';
import type { MeasuredCell, Run } from '../../harness/results/run-schema.js';

/** What several runs say of models, closure and ledger, as rows of tables. */

export interface Named {
  readonly name: string;
  readonly run: Run;
}

type Row = readonly string[];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const us = (ns: number): string => (ns / 1000).toFixed(1);

/** As each run's own file has them. */
export const modelRows = (runs: readonly Named[]): Row[] =>
  runs.flatMap(({ name, run }) =>
    run.models.map(({ poller, accepted, heldOut }) => [
      name,
      poller,
      percent(heldOut.medianError),
      percent(heldOut.p90Error),
      accepted ? 'accepted' : 'refused',
      heldOut.what,
    ]),
  );

/** In how many draws of what is held out each model of a run would be accepted: seeds of its own, none of them the run's. */
export const drawRows = (runs: readonly Named[], draws: number): Row[] =>
  runs.flatMap(({ name, run }) =>
    run.models.map(({ poller }) => {
      const accepted = Array.from({ length: draws }, (_, seed) => seed).filter((seed) =>
        isAccepted(fitCostModel({ cells: run.cells, seed }, poller)),
      );
      return [name, poller, `${accepted.length} of ${draws}`];
    }),
  );

export const closureRows = (runs: readonly Named[]): Row[] =>
  runs.flatMap(({ name, run }) =>
    closuresOf(run, modelsOf(run)).map((closure) => [name, ...closureRow(closure)]),
  );

function closureRow({ factors, predicted, measured, residual, sleptShare, isBeyondSleeps }: Closure): Row {
  const between = ({ value, low, high }: Closure['measured']) => `${us(value)} [${us(low)}, ${us(high)}]`;
  return [
    `${factors.load}, ${factors.phase === 'none' ? `${factors.active} active` : factors.phase}, ${factors.app}`,
    between(predicted),
    between(measured),
    `${residual > 0 ? '+' : ''}${percent(residual)}`,
    Math.abs(residual) <= CLOSES_WITHIN ? 'closes' : 'open',
    `${percent(sleptShare.poll)}, ${percent(sleptShare.epoll)}${isBeyondSleeps ? ' (beyond the sleeps measured)' : ''}`,
  ];
}

/** The largest set of each poller that keeps anything, with what each fd of it takes by the first of the books that was read. */
export const ledgerRows = (runs: readonly Named[]): Row[] =>
  runs.flatMap(({ name, run }) => {
    const ledger = run.cells.filter(
      (cell): cell is MeasuredCell => cell.experiment === 'memory' && cell.status === 'measured',
    );
    return [...new Set(ledger.map(({ poller }) => poller))].flatMap((poller) => {
      const own = ledger.filter((cell) => cell.poller === poller);
      const watched = Math.max(...own.map(({ factors }) => Number(factors.watched)));
      const of = (source: string) =>
        own.find(({ factors }) => factors.watched === watched && factors.source === source)?.metrics ?? {};
      const [computed, read] = [of('computed').kernelPersistentBytes, of('read')];
      if (!computed || computed.value === 0) return [];
      const ways = (['Slabinfo', 'MemoryStat', 'MemoryKmem'] as const).map(
        (way) => read[`persistentBytesBy${way}`]?.value,
      );
      const first = ways.find((bytes) => bytes !== undefined);
      return [
        [
          ...[name, poller, String(watched), String(computed.value)],
          ...ways.map((bytes) => (bytes === undefined ? '-' : String(bytes))),
          `${(computed.value / watched).toFixed(1)} computed${first === undefined ? '' : `, ${(first / watched).toFixed(1)} read`}`,
        ],
      ];
    });
  });
