import { Framer, frame } from '../../harness/http/testing/frame.js';
import { compare, type Outcome } from './compare.js';
import { judge } from './oracle.js';
import { streamOf } from './streams.js';

/** Outcomes by kind and reason. */
export type Tally = Record<string, number>;

export interface Failure {
  readonly index: number;
  readonly outcome: Outcome;
  /** The pieces, each in base64. */
  readonly pieces: readonly string[];
}

export interface Found {
  readonly tally: Tally;
  readonly failures: readonly Failure[];
}

const MOST_FAILURES = 20;

/** What may complete what has begun. */
const ENDINGS = [
  '\n',
  '\n\r\n',
  '\r\n',
  '\r\n\r\n',
  '\r\nHost: x\r\n\r\n',
  'x\r\n\r\n',
  ': x\r\n\r\n',
  ': x\r\nHost: x\r\n\r\n',
  ' HTTP/1.1\r\nHost: x\r\n\r\n',
  '0\r\n\r\n',
  '\n0\r\n\r\n',
  '\r\n0\r\n\r\n',
];

/** What Node refuses before it is complete must be refused here once it is, whatever comes. */
function confirmed(outcome: Outcome, pieces: readonly Buffer[], requests: number): Outcome {
  if (outcome.kind !== 'sooner-there') return outcome;
  const isServed = ENDINGS.some(
    (ending) => frame([...pieces, Buffer.from(ending, 'latin1')]).requests.length > requests,
  );
  return isServed ? { kind: 'laxer', why: outcome.why } : outcome;
}

/**
 * Gives the streams `from` to `to` to our parser and to Node's. Neighbours are parsed here piece by piece in turn: what
 * parsers share must not mix them up.
 */
export function fuzz(seed: number, from: number, to: number): Found {
  const tally: Tally = {};
  const failures: Failure[] = [];
  for (let index = from; index < to; index += 2) {
    const indexes = index + 1 < to ? [index, index + 1] : [index];
    const streams = indexes.map((one) => streamOf(seed, one).pieces);
    const framers = streams.map(() => new Framer());
    const longest = Math.max(...streams.map(({ length }) => length));
    for (let at = 0; at < longest; at++) {
      for (const [which, pieces] of streams.entries()) {
        const piece = pieces[at];
        if (piece) framers[which]?.feed(piece);
      }
    }
    for (const [which, pieces] of streams.entries()) {
      const framer = framers[which] as Framer;
      const rest = Buffer.concat(pieces).toString('latin1').slice(framer.framedBytes);
      const outcome = confirmed(compare(framer, judge(pieces), rest), pieces, framer.requests.length);
      framer.free();
      const name = outcome.why === '' ? outcome.kind : `${outcome.kind}: ${outcome.why}`;
      tally[name] = (tally[name] ?? 0) + 1;
      if ((outcome.kind === 'different' || outcome.kind === 'laxer') && failures.length < MOST_FAILURES) {
        const encoded = pieces.map((piece) => piece.toString('base64'));
        failures.push({ index: indexes[which] as number, outcome, pieces: encoded });
      }
    }
  }
  return { tally, failures };
}
