import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Framing, frame } from './testing/frame.js';

/** What is a request, where it ends, and what is refused: each case whole, byte by byte, and at every split point. */

const HOST = 'Host: x\r\n';
const get = (fields = '', target = '/') => `GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);

const one = (method = 'GET', body = '', target = '/') => ({ method, target, body });
const served = (...requests: Framing['requests']): Framing => ({ requests, end: 'idle' });
const last = (...requests: Framing['requests']): Framing => ({ requests, end: 'last' });
const refused = (end: Framing['end'], ...requests: Framing['requests']): Framing => ({ requests, end });
const amid = (...requests: Framing['requests']): Framing => ({ requests, end: 'amid' });

const absolute = (target: string, host: string) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

type Cases = Readonly<Record<string, readonly [bytes: string, expected: Framing]>>;

const hosts = (expected: Framing, values: Readonly<Record<string, string>>): Cases =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, [absolute('/', value), expected] as const]),
  );

const CASES: Readonly<Record<string, Cases>> = {
  'H1 several requests follow each other': {
    'two at once': [get() + get('', '/b'), served(one(), one('GET', '', '/b'))],
    'one with a body, then another': [
      post('Content-Length: 3\r\n', 'abc') + get(),
      served(one('POST', 'abc'), one()),
    ],
    'a chunked one, then another': [
      chunked('3\r\nabc\r\n0\r\n\r\n') + get(),
      served(one('POST', 'abc'), one()),
    ],
    'an Upgrade that is not taken up': [
      get('Connection: upgrade\r\nUpgrade: websocket\r\n') + get(),
      served(one(), one()),
    ],
    'HEAD and OPTIONS': [
      `HEAD /a?b=c HTTP/1.1\r\n${HOST}\r\nOPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
      served(one('HEAD', '', '/a?b=c'), one('OPTIONS', '', '*')),
    ],
  },
  'H4 empty lines between requests mean nothing': {
    before: [`\r\n\r\n${get()}`, served(one())],
    between: [`${get()}\r\n\r\n${get()}`, served(one(), one())],
    'after a body': [`${post('Content-Length: 1\r\n', 'a')}\r\n${get()}`, served(one('POST', 'a'), one())],
    'and nothing else': ['\r\n\r\n', served()],
  },
  'H6 a malformed head is refused': {
    'no method': ['/ HTTP/1.1\r\n\r\n', refused(400)],
    'an unknown method': [`FOO / HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'no version': [`GET /\r\n${HOST}\r\n`, refused(400)],
    'HTTP/0.9': ['GET / HTTP/0.9\r\n\r\n', refused(400)],
    'HTTP/1.2': [`GET / HTTP/1.2\r\n${HOST}\r\n`, refused(400)],
    'HTTP/2.0': [`GET / HTTP/2.0\r\n${HOST}\r\n`, refused(400)],
    "HTTP/2's preface": ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refused(400)],
    'two spaces before the target': [`GET  / HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'two spaces after it': [`GET /  HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'a space in it': [`GET /a b HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'a tab in it': [`GET /a\tb HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'more than ASCII in it': [`GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`, refused(400)],
    'a header without colon': [get('Accept\r\n'), refused(400)],
    'a header without name': [get(': x\r\n'), refused(400)],
    'space before the colon': [get('A : x\r\n'), refused(400)],
    'a tab before the colon': [get('A\t: x\r\n'), refused(400)],
    'space in a name': [get('A b: x\r\n'), refused(400)],
    'space before the first header': [`GET / HTTP/1.1\r\n ${HOST}\r\n`, refused(400)],
    'a folded line': [get('A: x\r\n y\r\n'), refused(400)],
    'a folded line after an empty value': [get('A:\r\n\ty\r\n'), refused(400)],
    'bare CR in a value': [get('A: x\ry\r\n'), refused(400)],
    'CR CR LF': [get('A: x\r\r\n'), refused(400)],
    'bare LF after a header': [get('A: x\nB: y\r\n'), refused(400)],
    'bare LF everywhere': [get().replaceAll('\r', ''), refused(400)],
    'bare LF at the end of the head': [`GET / HTTP/1.1\r\n${HOST}\n`, refused(400)],
    'CR and something else at the end of the head': [`GET / HTTP/1.1\r\n${HOST}\rX`, refused(400)],
    'NUL in a value': [get('A: x\0y\r\n'), refused(400)],
    'NUL in a name': [get('A\0: x\r\n'), refused(400)],
    'a control in a value': [get('A: \x01\r\n'), refused(400)],
    'no Host in HTTP/1.1': ['GET / HTTP/1.1\r\n\r\n', refused(400)],
    'two Hosts': [get('host: x\r\n'), refused(400)],
    'two Hosts in HTTP/1.0': [`GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, refused(400)],
    'after one that is well formed': [get() + get('A : x\r\n'), refused(400, one())],
    'what a proxy is asked for': [`CONNECT x:80 HTTP/1.1\r\n${HOST}\r\n`, refused(501)],
  },
  'H7 a length in doubt is refused': {
    foo: [post('Content-Length: foo\r\n', 'abc'), refused(400)],
    '+10': [post('Content-Length: +10\r\n', '0123456789'), refused(400)],
    '-1': [post('Content-Length: -1\r\n', ''), refused(400)],
    '1_0': [post('Content-Length: 1_0\r\n', '0123456789'), refused(400)],
    '1 0': [post('Content-Length: 1 0\r\n', '0123456789'), refused(400)],
    '0x3': [post('Content-Length: 0x3\r\n', 'abc'), refused(400)],
    empty: [post('Content-Length: \r\n', ''), refused(400)],
    'a list': [post('Content-Length: 3, 3\r\n', 'abc'), refused(400)],
    overflow: [post('Content-Length: 18446744073709551619\r\n', 'abc'), refused(400)],
    'folded away': [post('Content-Length:\r\n 3\r\n', 'abc'), refused(400)],
    'twice the same': [post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'), refused(400)],
    'two that differ': [post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd'), refused(400)],
    'length and chunked': [
      post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      refused(400),
    ],
    'chunked and length': [
      post('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '0\r\n\r\n'),
      refused(400),
    ],
    'but zeroes and spaces are none': [
      post('Content-Length:   003 \r\n', 'abc') + post('Content-Length: 0\r\n', ''),
      served(one('POST', 'abc'), one('POST')),
    ],
  },
  'H8 chunks are parsed, and refused where in doubt': {
    'upper and lower case': [
      chunked('A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n'),
      served(one('POST', '01234567890123456789')),
    ],
    'the coding in upper case': [
      post('Transfer-Encoding: CHUNKED\r\n', '1\r\na\r\n0\r\n\r\n'),
      served(one('POST', 'a')),
    ],
    'zeroes before a size': [chunked('0003\r\nabc\r\n000\r\n\r\n'), served(one('POST', 'abc'))],
    extensions: [chunked('3;a;b=c\r\nabc\r\n0;d\r\n\r\n'), served(one('POST', 'abc'))],
    trailers: [chunked('3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n') + get(), served(one('POST', 'abc'), one())],
    'no chunk but the last': [chunked('0\r\n\r\n'), served(one('POST'))],
    'a body that looks like chunks': [
      chunked('d\r\n0\r\n\r\nGET / HT\r\n0\r\n\r\n'),
      served(one('POST', '0\r\n\r\nGET / HT')),
    ],
    '1_a': [chunked('1_a\r\nabc\r\n0\r\n\r\n'), refused(400)],
    '0x3 as a size': [chunked('0x3\r\nabc\r\n0\r\n\r\n'), refused(400)],
    'no size': [chunked('\r\nabc\r\n0\r\n\r\n'), refused(400)],
    'a space after the size': [chunked('3 \r\nabc\r\n0\r\n\r\n'), refused(400)],
    'a size that overflows': [chunked('10000000000000003\r\nabc\r\n0\r\n\r\n'), refused(400)],
    'bare LF after the size': [chunked('3\nabc\r\n0\r\n\r\n'), refused(400)],
    'CR and something else after the size': [chunked('3\rXabc\r\n0\r\n\r\n'), refused(400)],
    'CR and something else after the data': [chunked('3\r\nabc\rX0\r\n\r\n'), refused(400)],
    'CR CR LF after the last size': [chunked('0\r\r\n'), refused(400)],
    'bare LF after the data': [chunked('3\r\nabc\n0\r\n\r\n'), refused(400)],
    'bare LF in an extension': [chunked('3;a\nabc\r\n0\r\n\r\n'), refused(400)],
    'more data than the size says': [chunked('3\r\nabcd\r\n0\r\n\r\n'), refused(400)],
    'no last chunk yet': [chunked('3\r\nabc\r\n'), amid()],
    'bare LF at the very end': [chunked('3\r\nabc\r\n0\r\n\n'), refused(400)],
    'CR and something else at the very end': [chunked('3\r\nabc\r\n0\r\n\rX'), refused(400)],
    'bare LF after the trailers': [chunked('0\r\nA: b\r\n\n'), refused(400)],
    'space in the name of a trailer': [chunked('0\r\nA b: c\r\n\r\n'), refused(400)],
    'a folded trailer': [chunked('0\r\nA: b\r\n c\r\n\r\n'), refused(400)],
    'a length in the trailers': [chunked('0\r\nContent-Length: 3\r\n\r\n'), refused(400)],
    'a coding in the trailers': [chunked('0\r\nTransfer-Encoding: chunked\r\n\r\n'), refused(400)],
    'Connection in the trailers': [chunked('0\r\nConnection: close\r\n\r\n'), refused(400)],
    'gzip, chunked': [post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), refused(501)],
    'gzip, then chunked': [
      post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      refused(501),
    ],
    'chunked twice': [
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      refused(400),
    ],
    xchunked: [post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), refused(501)],
    identity: [post('Transfer-Encoding: identity\r\n', ''), refused(501)],
    'chunked in HTTP/1.0': [
      `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      refused(400),
    ],
  },
  'H9 the version and Connection decide whether it goes on': {
    'Connection: close': [get('Connection: close\r\n') + get(), last(one())],
    'close in a list': [get('Connection: foo, Close\r\n') + get(), last(one())],
    'HTTP/1.0': [`GET / HTTP/1.0\r\n\r\n${get()}`, last(one())],
    'HTTP/1.0 with keep-alive': [
      `GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n${get()}`,
      served(one(), one()),
    ],
  },
  'H11 an incomplete request is none': {
    'half a method': ['GE', amid()],
    'half a head': [get().slice(0, -2), amid()],
    'a head without its body': [post('Content-Length: 3\r\n', 'ab'), amid()],
    'behind a complete one': [`${get()}GET`, amid(one())],
  },
  'H17 a Host that is no host is refused': {
    ...hosts(refused(400), {
      'two words': 'a b',
      'a path': 'a/b?c',
      'a query': 'a?b',
      'a fragment': 'a#b',
      'somebody at a host': 'u@a',
      'a list': 'a, b',
      'a list without spaces': 'a,b',
      'a URI': 'http://a',
      'a port alone': ':80',
      'a port that is no number': 'a:b',
      'two ports': 'a:1:2',
      'an IPv6 address without brackets': '::1',
      'a bracket that is not closed': '[::1',
      'an IPv6 address with too many parts': '[1:2:3:4:5:6:7:8:9]',
      'an IPv6 address with a zone': '[fe80::1%25lo]',
      'a name in brackets': '[a]',
      'half of an escape': 'a%2',
      'a quoted name': '"a"',
      'more than ASCII': '\xe9',
      'a backslash': 'a\\b',
    }),
    ...hosts(served(one()), {
      'a name': 'a-b.example',
      'a name with a port': 'a:80',
      'a colon without a port': 'a:',
      'an IPv4 address': '127.0.0.1:8080',
      'an IPv6 address': '[::1]:80',
      'an IPv6 address that ends as an IPv4 address': '[::ffff:127.0.0.1]',
      'an address of the future': '[v1.a:b]',
      'an underscore': 'a_b',
      'an escape': '%61',
      'spaces around it': ' \ta \t',
      'empty, as the target has no authority': '',
    }),
    'empty where the target has an authority': [absolute('http://a/', ''), refused(400)],
    'another than that of the target, which counts': [
      absolute('http://a/', 'b'),
      served(one('GET', '', 'http://a/')),
    ],
    'the target without a path': [absolute('http://a?b', 'a'), served(one('GET', '', 'http://a?b'))],
    'somebody at a host in the target': [absolute('http://u@a/', 'a'), refused(400)],
    'a port alone in the target': [absolute('http://:80/', 'a'), refused(400)],
    'a list in the target': [absolute('http://a,b/', 'a'), refused(400)],
    'in HTTP/1.0, too': ['GET / HTTP/1.0\r\nHost: a b\r\n\r\n', refused(400)],
    'behind one that is served': [get() + absolute('/', 'a b'), refused(400, one())],
  },
  'H16 an expectation other than 100-continue is refused': {
    known: [post('Content-Length: 1\r\nExpect: 100-continue\r\n', 'a'), served(one('POST', 'a'))],
    unknown: [post('Content-Length: 1\r\nExpect: something\r\n', 'a'), refused(417)],
  },
};

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

for (const [line, cases] of Object.entries(CASES)) {
  for (const [name, [text, expected]] of Object.entries(cases)) {
    test(`H3 ${line}: ${name}`, () => {
      const bytes = bytesOf(text);
      assert.deepEqual(frame([bytes]), expected);
      assert.deepEqual(frame(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected, 'byte by byte');
      for (let at = 1; at < bytes.length; at++)
        assert.deepEqual(frame([bytes.subarray(0, at), bytes.subarray(at)]), expected, `split at ${at}`);
    });
  }
}

const LIMITS = { maxHeaderBytes: 100, maxBodyBytes: 10 };

/** Limits hold whatever the pieces are. */
function assertLimited(text: string, end: Framing['end']): void {
  for (const size of [text.length, 1, 7, 64]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))?.map(bytesOf) ?? [];
    assert.deepEqual(frame(pieces, LIMITS).end, end, `in pieces of ${size}`);
  }
}

test('H5 a head above its limit is refused, complete or not, and one just below is served', () => {
  const room = 100 - get('A: \r\n').length;
  assertLimited(get(`A: ${'x'.repeat(room)}\r\n`), 'idle');
  assertLimited(get(`A: ${'x'.repeat(room + 1)}\r\n`), 431);
  assertLimited(`GET /${'x'.repeat(200)}`, 431);
});

test('H16 a body above its limit is refused, by its length or as it comes, and one just below is served', () => {
  assertLimited(post('Content-Length: 10\r\n', '0123456789'), 'idle');
  assertLimited(post('Content-Length: 11\r\n', ''), 413);
  assertLimited(post('Content-Length: 18446744073709551615\r\n', ''), 413);
  assertLimited(chunked('A\r\n0123456789\r\n0\r\n\r\n'), 'idle');
  assertLimited(chunked('A\r\n0123456789\r\n1\r\n'), 'amid');
  assertLimited(chunked('A\r\n0123456789\r\n1\r\na'), 413);
});

test('H5 trailers and extensions are limited, too', () => {
  assertLimited(chunked(`0\r\nA: ${'x'.repeat(200)}`), 413);
  assertLimited(chunked(`1;${'x'.repeat(200)}`), 413);
  assertLimited(chunked('1\r\na\r\n'.repeat(10)), 'amid');
});
