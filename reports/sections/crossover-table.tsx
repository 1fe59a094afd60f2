import type { Run } from '../../harness/results/run-schema.js';
import { type SurfacePoint, surfaceOf } from '../charts/crossover.js';
import { write, writeNumber } from '../figures.js';
import { TIMEOUTS } from '../predictions.js';
import { Scroll } from './scroll.js';

const Share = ({ point }: { point: SurfacePoint | undefined }) => {
  if (!point) return <td class="number nothing">—</td>;
  const { crossover } = point;
  if (crossover.kind === 'at') {
    const { value, interval } = write({ ...crossover.share, unit: 'ratio', ratioKind: 'share' });
    return (
      <td class="number">
        {value} <span class="interval">{interval}</span>
      </td>
    );
  }
  return <td class="number nothing">{crossover.kind === 'always' ? 'all' : 'none'}</td>;
};

/** The crossover surface in numbers: the share of ready fds up to which epoll is cheaper. */
export const CrossoverTable = ({ run }: { run: Run }) => {
  const surface = surfaceOf(run);
  if (surface.length === 0) return null;
  const distinct = <T,>(of: (point: SurfacePoint) => T): T[] => [...new Set(surface.map(of))];
  const columns = distinct(({ other }) => other).flatMap((other) =>
    distinct(({ timeout }) => timeout).map((timeout) => ({ other, timeout })),
  );
  return (
    <section id="crossover" class="within">
      <h3>Up to which share of ready fds epoll’s turn is cheaper</h3>
      <p class="aside">
        “all”: it is cheaper even with every fd ready. “none”: it is dearer already with one. Computed from
        the models, not measured.
      </p>
      <Scroll label="Crossover by watched fds, churn and the other poller">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                replaced per 100 turns
              </th>
              <th scope="col" class="number">
                watched fds
              </th>
              {columns.map(({ other, timeout }) => (
                <th scope="col" class="number wrap">
                  {other}, {TIMEOUTS[timeout]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {distinct(({ churnPer100 }) => churnPer100).flatMap((churn) =>
              distinct(({ watched }) => watched).map((watched) => (
                <tr>
                  <td class="number">{writeNumber(churn)}</td>
                  <th scope="row" class="number">
                    {writeNumber(watched)}
                  </th>
                  {columns.map(({ other, timeout }) => (
                    <Share
                      point={surface.find(
                        (point) =>
                          point.other === other &&
                          point.timeout === timeout &&
                          point.churnPer100 === churn &&
                          point.watched === watched,
                      )}
                    />
                  ))}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
};
