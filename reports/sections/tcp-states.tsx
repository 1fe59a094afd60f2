import { serverInWords, writeCount, writeNumber } from '../figures.js';
import type { Readings } from '../recorded.js';
import { Scroll } from './scroll.js';

interface State {
  readonly at: readonly [x: number, y: number];
  readonly meaning: string;
}

/** The states where a connection is set up in the middle, closed by us on the left, by the other end on the right. */
const STATES: Readonly<Record<string, State>> = {
  LISTEN: { at: [300, 20], meaning: 'waits for connections' },
  SYN_RECV: { at: [300, 90], meaning: 'was called, and has answered' },
  SYN_SENT: { at: [500, 90], meaning: 'has called, and waits for the answer' },
  ESTABLISHED: { at: [300, 160], meaning: 'is open: what a server watches' },
  FIN_WAIT1: { at: [110, 230], meaning: 'has said that it closes' },
  CLOSING: { at: [300, 230], meaning: 'both say at once that they close' },
  CLOSE_WAIT: { at: [500, 230], meaning: 'the other end closes; ours has not yet' },
  FIN_WAIT2: { at: [110, 300], meaning: 'the other end has heard it' },
  LAST_ACK: { at: [500, 300], meaning: 'waits for the last answer' },
  TIME_WAIT: { at: [110, 370], meaning: 'keeps the address until late packets are gone' },
  CLOSE: { at: [300, 370], meaning: 'is closed' },
};

const PATHS: readonly (readonly [from: string, to: string])[] = [
  ['LISTEN', 'SYN_RECV'],
  ['SYN_RECV', 'ESTABLISHED'],
  ['SYN_SENT', 'ESTABLISHED'],
  ['ESTABLISHED', 'FIN_WAIT1'],
  ['ESTABLISHED', 'CLOSE_WAIT'],
  ['FIN_WAIT1', 'FIN_WAIT2'],
  ['FIN_WAIT1', 'CLOSING'],
  ['FIN_WAIT2', 'TIME_WAIT'],
  ['CLOSING', 'TIME_WAIT'],
  ['CLOSE_WAIT', 'LAST_ACK'],
  ['LAST_ACK', 'CLOSE'],
  ['TIME_WAIT', 'CLOSE'],
];
const [HALF_WIDTH, HALF_HEIGHT] = [62, 19];

/** Leaves a box where the line to the other's middle crosses its edge, and ends where it meets the other's. */
const arrow = ([x, y]: State['at'], [toX, toY]: State['at']): string => {
  const [dx, dy] = [toX - x, toY - y];
  const edge = Math.min(HALF_WIDTH / Math.abs(dx || 1e-9), HALF_HEIGHT / Math.abs(dy || 1e-9));
  const length = Math.hypot(dx, dy);
  const end = [toX - dx * edge, toY - dy * edge] as const;
  const [ux, uy] = [(dx / length) * 7, (dy / length) * 7];
  const wing = (side: 1 | -1) => `${end[0] - ux - side * uy * 0.5},${end[1] - uy + side * ux * 0.5}`;
  return `M${x + dx * edge},${y + dy * edge}L${end.join()}M${wing(1)}L${end.join()}L${wing(-1)}`;
};

const Diagram = ({ counts, label }: { counts: ReadonlyMap<string, number>; label: string }) => (
  <svg class="states" viewBox="30 0 550 400" role="img" aria-label={label}>
    {PATHS.map(([from, to]) => (
      <path class="way" d={arrow((STATES[from] as State).at, (STATES[to] as State).at)} />
    ))}
    {Object.entries(STATES).map(
      ([
        name,
        {
          at: [x, y],
        },
      ]) => {
        const count = counts.get(name) ?? 0;
        return (
          <g class={count > 0 ? 'seen' : undefined}>
            <rect
              x={x - HALF_WIDTH}
              y={y - HALF_HEIGHT}
              width={2 * HALF_WIDTH}
              height={2 * HALF_HEIGHT}
              rx="4"
            />
            <text x={x} y={count > 0 ? y - 3 : y + 4}>
              {name}
            </text>
            {count > 0 && (
              <text class="count" x={x} y={y + 13}>
                {writeNumber(count)}
              </text>
            )}
          </g>
        );
      },
    )}
  </svg>
);

/** The most sockets that any look found in each state, by server. */
const mostOf = (readings: readonly Readings[]): ReadonlyMap<string, number> => {
  const most = new Map<string, number>();
  for (const { tcpStates } of readings)
    for (const [state, count] of Object.entries(tcpStates ?? {}))
      most.set(state, Math.max(count, most.get(state) ?? 0));
  return most;
};

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Where a server's sockets are on TCP's way from call to close, on the diagram that the notes show. */
export const TcpStates = ({ readings }: { readings: readonly Readings[] }) => {
  const seen = readings.filter(({ tcpStates }) => tcpStates !== null);
  const subjects = [...new Set(seen.map(({ subject }) => subject))].map((subject) => {
    const theirs = seen.filter((each) => each.subject === subject);
    return { words: serverInWords(theirs[0] as Readings), counts: mostOf(theirs) };
  });
  const [largest] = [...subjects].sort((a, b) => total(b.counts) - total(a.counts));
  const states = [...new Set(subjects.flatMap(({ counts }) => [...counts.keys()]))];
  return (
    <section id="tcp-states">
      <h2>Where its sockets are on TCP’s way</h2>
      {!largest ? (
        <p class="empty">Not shown: no sockets of a server were counted in this run.</p>
      ) : (
        <>
          <p class="aside">
            TCP’s states between call and close, as the notes draw them: in the middle a connection is set up,
            on the left our end closes first, on the right the other. Counted for the server with the most
            sockets, {largest.words}: {writeCount(total(largest.counts), 'socket')}. All others are in the
            table.
          </p>
          <Diagram
            counts={largest.counts}
            label={`TCP states: ${[...largest.counts].map(([state, count]) => `${writeNumber(count)} in ${state}`).join(', ')}`}
          />
          <Scroll label="Sockets by state and server">
            <table class="sticky">
              <thead>
                <tr>
                  <th scope="col">Server</th>
                  {states.map((state) => (
                    <th scope="col" class="number" title={STATES[state]?.meaning}>
                      {state}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {subjects.map(({ words, counts }) => (
                  <tr>
                    <th scope="row" class="prose">
                      {words}
                    </th>
                    {states.map((state) => (
                      <td class="number">{writeNumber(counts.get(state) ?? 0)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p class="aside">The most that any look between two windows found in that state.</p>
        </>
      )}
    </section>
  );
};
