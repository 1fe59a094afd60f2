import type { Framing } from '../../harness/http/testing/frame.js';
import type { Verdict } from './oracle.js';

/**
 * What two servers make of one stream. `different` and `laxer` are failures: one message, two readings; or a request here
 * that Node refuses. `stricter`: only we refuse it, as we mean to. `sooner-there`: Node refuses a request that is not
 * complete here, and is refused here once its head or chunk is.
 */
export interface Outcome {
  readonly kind: 'accepted' | 'refused' | 'stricter' | 'sooner-there' | 'laxer' | 'different';
  readonly why: string;
}

const same = (a: object, b: object | undefined) => JSON.stringify(a) === JSON.stringify(b);

/** `rest`: the bytes from the first request on that is not complete here. */
export function compare(ours: Framing, theirs: Verdict, rest: string): Outcome {
  const common = Math.min(ours.requests.length, theirs.requests.length);
  for (let at = 0; at < common; at++) {
    if (!same(ours.requests[at] as object, theirs.requests[at]))
      return { kind: 'different', why: `request ${at}` };
  }
  const isRefusedHere = typeof ours.end === 'number';
  const isRefusedThere = theirs.end === 'refused';
  if (theirs.end === 'unknown') return { kind: 'accepted', why: 'up to an Upgrade' };
  if (ours.requests.length > common)
    return isRefusedThere
      ? { kind: 'laxer', why: theirs.why }
      : { kind: 'different', why: `${theirs.end} there` };
  if (isRefusedHere && isRefusedThere && theirs.requests.length === common)
    return { kind: 'refused', why: String(ours.end) };
  if (isRefusedHere) return { kind: 'stricter', why: `${ours.end} ${reasonOf(rest)}` };
  if (theirs.requests.length > common) return { kind: 'different', why: `${ours.end} here` };
  if (isRefusedThere)
    return ours.end === 'amid'
      ? { kind: 'sooner-there', why: theirs.why }
      : { kind: 'laxer', why: theirs.why };
  if ((ours.end === 'last') !== (theirs.end === 'last'))
    return { kind: 'different', why: `${ours.end} here, ${theirs.end} there` };
  return { kind: 'accepted', why: '' };
}

const REASONS: readonly [reason: string, holds: (head: string, body: string) => boolean][] = [
  ['CONNECT', (head) => head.startsWith('CONNECT ')],
  ['no version, or another than 1.0 and 1.1', (head) => !/^[^\r\n]* HTTP\/1\.[01]\r\n/.test(head)],
  ['more than one space in the request line', (head) => !/^\S+ \S+ \S+\r\n/.test(head)],
  ['a method or target beyond ASCII', (head) => !/^[!-~]+ [!-~]+ /.test(head)],
  ['no Host in HTTP/1.1', (head) => /^.* HTTP\/1\.1\r\n/.test(head) && !/\r\nhost:/i.test(head)],
  ['two Hosts', (head) => (head.match(/\r\nhost:/gi) ?? []).length > 1],
  [
    'another expectation than 100-continue',
    (head) => /\r\nexpect:[\t ]*(?![\t ]|100-continue[\t ]*\r)/i.test(head),
  ],
  ['a coding beside chunked', (head) => /\r\ntransfer-encoding:[\t ]*(?![\t ]|chunked[\t ]*\r)/i.test(head)],
  ['two codings', (head) => (head.match(/\r\ntransfer-encoding:/gi) ?? []).length > 1],
  ['chunked in HTTP/1.0', (head) => /^.* HTTP\/1\.0\r\n/.test(head) && /\r\ntransfer-encoding:/i.test(head)],
  [
    'a field in the trailers that belongs before them',
    (_head, body) => /\r\n(?:content-length|transfer-encoding|host|connection|upgrade|expect):/i.test(body),
  ],
  [
    'a chunk extension with a quoted or empty value',
    (_head, body) => /;[^\r]*(?:"|=\r|;\r|= )|[0-9a-f];[ \r]/i.test(body),
  ],
];

function reasonOf(rest: string): string {
  const text = rest.replace(/^[\r\n]+/, '');
  const end = text.indexOf('\r\n\r\n');
  const [head, body] = end === -1 ? [text, ''] : [text.slice(0, end + 4), text.slice(end + 2)];
  return REASONS.find(([, holds]) => holds(head, body))?.[0] ?? 'another reason';
}
