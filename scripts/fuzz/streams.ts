import { randomFrom, seedFrom } from '../../harness/statistics/random.js';

/** What a client sends, well formed or not: the same seed and index give the same bytes in the same pieces. */

type Random = () => number;

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS'];
const ODD_METHODS = ['CONNECT', 'PRI', 'FOO', 'get', 'G ET', '', 'M-SEARCH', 'SOURCE'];
const TARGETS = ['/', '/', '/a/b?c=d', '/x%20y', '*', 'http://h/p', '/;a=b', '/#f'];
const ODD_TARGETS = [
  'http://u@h/',
  'http://:80/',
  'http://h:/',
  'http://[::1]:80?a',
  'http://a,b/',
  '',
  'a',
  '/\xe9',
  '/\t',
  '/ x',
  '/\x01',
  'http://',
  '/\x7f',
  ' /',
  '/ ',
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'];
const ODD_VERSIONS = [
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.10',
  'HTTP/1',
  '',
  'ICE/1.0',
  ' HTTP/1.1',
];
const FIELDS = [
  'Accept: */*',
  'User-Agent: fuzz',
  'Connection: keep-alive',
  'X: ',
  'X:y',
  'X: a  ',
  'Cookie: a=b; c=d',
  'Connection: close',
  'X: \xe9',
];
const HOSTS = ['x', 'x', 'x:80', 'a-b.c', '[::1]:80', '127.0.0.1', '', '%61'];
const ODD_HOSTS = [
  'a b',
  'a/b?c',
  'u@a',
  'a, b',
  'a,b',
  ':80',
  'a:b',
  '::1',
  '[::1',
  '[1::2::3]',
  '[a]',
  'a%2',
  'http://a',
  'a#b',
  '\xe9',
  '[v1.a]',
  '"a"',
];
const ODD_FIELDS = [
  'Host: y',
  'Host : x',
  'Content-Length: 3',
  'Content-Length: +3',
  'Content-Length: 1_0',
  'Content-Length : 3',
  'Content-Length:\r\n 3',
  'Content-Length: 3, 3',
  'Content-Length: 18446744073709551619',
  'Content-Length: ',
  'Content-Length: 0x3',
  'content-length: 003 ',
  'Content_Length: 3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:',
  'Expect: 100-continue',
  'Expect: more',
  'Connection: upgrade\r\nUpgrade: x',
  'Connection: close, keep-alive',
  'Connection: keep-alive\r\nConnection: close',
  'Upgrade: h2c',
  'X: a\r\n b',
  'X:\r\n\tb',
  ' X: y',
  'X y: z',
  'X\t: y',
  ': y',
  'X',
  'X: a\rb',
  'X: a\nY: b',
  'X: a\0b',
  'X: \x7f',
  'X"y: z',
  'X: a\r',
];
const ODD_ENDS = ['\n', '\r\n\r\n', '\r', '\rX', '\r\r\n', '\n\r\n', ' \r\n', ''];
const SIZES = [0, 1, 3, 3, 10, 26, 300];
const ODD_SIZES = [
  '1_a',
  '0x3',
  '+3',
  '-1',
  ' 3',
  '3 ',
  '',
  'g',
  '10000000000000000',
  'ffffffffffffffff',
  '3\n',
  '3\r',
];
const EXTENSIONS = [
  ';a',
  ';a=b',
  ';a;b=c',
  ';a="b"',
  ';a="b\\"c"',
  '; a=b',
  ' ;a',
  ';',
  ';a=',
  ';\0',
  ';a\nb',
  ';a\rb',
  ';=b',
];
const TRAILERS = ['T: t', 'T:', 'A: b\r\nC: d'];
const ODD_TRAILERS = [
  'Content-Length: 3',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Host: y',
  'T : t',
  'T: a\r\n b',
  'T',
  'T: a\nU: b',
  'T: \0',
  'Upgrade: x',
];
const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  '\0',
  ':',
  '0\r\n\r\n',
  'GET / HTTP/1.1\r\n',
  'Host: x\r\n',
  ';',
  '_',
  '+',
  ',',
];

export interface Stream {
  readonly pieces: readonly Buffer[];
}

export const streamOf = (seed: number, index: number): Stream => {
  const random = randomFrom(seedFrom(seed, index));
  /** How much of it is odd: a third is well formed, so that the rest has company. */
  const oddity = pick(random, [0, 0.03, 0.15]);
  let text = '';
  for (let count = pick(random, [1, 1, 2, 2, 3, 4]); count > 0; count--) text += request(random, oddity);
  if (random() < 0.35) text = mutated(random, text);
  if (random() < 0.15) text = text.slice(0, Math.floor(random() * text.length));
  return { pieces: split(random, Buffer.from(text, 'latin1')) };
};

function request(random: Random, oddity: number): string {
  const odd = () => random() < oddity;
  const method = pick(random, odd() ? ODD_METHODS : METHODS);
  const target = pick(random, odd() ? ODD_TARGETS : TARGETS);
  const version = pick(random, odd() ? ODD_VERSIONS : VERSIONS);
  const fields = odd() ? [] : [`Host: ${pick(random, odd() ? ODD_HOSTS : HOSTS)}`];
  for (let count = Math.floor(random() * 3); count > 0; count--) fields.push(pick(random, FIELDS));
  if (odd() || odd()) fields.push(pick(random, ODD_FIELDS));
  let body = '';
  const kind = random();
  if (kind < 0.2) {
    body = payload(random, pick(random, SIZES));
    fields.push(`Content-Length: ${body.length + (odd() ? Math.floor(random() * 5) - 2 : 0)}`);
  } else if (kind < 0.45) {
    body = chunks(random, odd);
    fields.push('Transfer-Encoding: chunked');
  }
  if (odd()) fields.reverse();
  const line = () => (odd() ? pick(random, ODD_ENDS) : '\r\n');
  const before = random() < 0.05 ? pick(random, ['\r\n', '\r\n\r\n', '\n', '\r']) : '';
  const head = [`${method} ${target} ${version}`, ...fields].map((text) => text + line()).join('');
  return before + head + line() + body;
}

function chunks(random: Random, odd: () => boolean): string {
  let text = '';
  for (let count = Math.floor(random() * 4); count > 0; count--) {
    const data = payload(random, 1 + Math.floor(random() * 20));
    const hex = data.length.toString(16);
    const size = odd() ? pick(random, ODD_SIZES) : random() < 0.2 ? hex.toUpperCase() : hex;
    const extension = random() < 0.1 || odd() ? pick(random, EXTENSIONS) : '';
    text += `${size}${extension}${odd() ? pick(random, ODD_ENDS) : '\r\n'}${data}${odd() ? pick(random, ODD_ENDS) : '\r\n'}`;
  }
  const last = odd() ? pick(random, ['00', '0;x', '', '0 ']) : '0';
  const trailers =
    random() < 0.1 ? `${pick(random, TRAILERS)}\r\n` : odd() ? `${pick(random, ODD_TRAILERS)}\r\n` : '';
  return `${text}${last}\r\n${trailers}${odd() ? pick(random, ODD_ENDS) : '\r\n'}`;
}

/** Some of it looks like what frames a message. */
function payload(random: Random, size: number): string {
  let text = '';
  while (text.length < size)
    text += random() < 0.2 ? pick(random, TOKENS) : String.fromCharCode(Math.floor(random() * 256));
  return text.slice(0, size);
}

function mutated(random: Random, text: string): string {
  let result = text;
  for (let count = pick(random, [1, 1, 1, 2, 3]); count > 0; count--) {
    const at = Math.floor(random() * result.length);
    const behind = at + 1 + Math.floor(random() * (random() < 0.7 ? 1 : 20));
    const [before, after] = [result.slice(0, at), result.slice(behind)];
    switch (Math.floor(random() * 5)) {
      case 0:
        result = before + String.fromCharCode(Math.floor(random() * 256)) + after;
        break;
      case 1:
        result = before + after;
        break;
      case 2:
        result = before + pick(random, TOKENS) + result.slice(at);
        break;
      case 3:
        result = before + result.slice(at, behind).repeat(2) + after;
        break;
      default:
        result = before + pick(random, ODD_FIELDS) + result.slice(at);
    }
  }
  return result;
}

function split(random: Random, bytes: Buffer): Buffer[] {
  const kind = random();
  if (kind < 0.5) return [bytes];
  if (kind > 0.95) return Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1));
  const cuts = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    Math.floor(random() * bytes.length),
  );
  const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return at.slice(1).flatMap((to, index) => {
    const piece = bytes.subarray(at[index] as number, to);
    return piece.length > 0 ? [piece] : [];
  });
}
