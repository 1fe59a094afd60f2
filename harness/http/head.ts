import { isIPv6 } from 'node:net';

/** Why a message is not served: the status of the answer. */
export type Refusal = 400 | 408 | 413 | 417 | 431 | 501;

/** Fields as RFC 9112 writes them, without what it lets a server tolerate: no folded line, no bare CR or LF, no control. */
const FIELDS = String.raw`(?:[!#$%&'*+.^_\x60|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*\r\n$`;
const HEAD = new RegExp(String.raw`^[A-Z-]+ [!-~]+ HTTP/1\.[01]\r\n${FIELDS}`);
const EXTENSIONS = String.raw`(?:;[\t -~\x80-\xff]*)?\r\n`;
const CHUNK = new RegExp(`^\r\n[0-9A-Fa-f]+${EXTENSIONS}$`);
const LAST_CHUNK = new RegExp(`^\r\n0+${EXTENSIONS}${FIELDS}`);

/** A registered name or an IPv4 address, of RFC 3986 but for the comma: two Hosts that somebody has joined are no host. */
const NAME = `(?:[!$&'()*+.;=_~0-9A-Za-z-]|%[0-9A-Fa-f]{2})+`;
const FUTURE_ADDRESS = String.raw`[Vv][0-9A-Fa-f]+\.[!$&'()*+,.:;=_~0-9A-Za-z-]+`;
const AUTHORITY = new RegExp(String.raw`^(?:${NAME}|\[(?:${FUTURE_ADDRESS}|([0-9A-Fa-f:.]+))\])(?::\d*)?$`);
const ABSOLUTE_TARGET = /^[A-Z-]+ [A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?# ]*)/;

/** Fields that say how a message is framed or routed must come before it. */
const NOT_IN_TRAILERS = /^(?:content-length|transfer-encoding|host|connection|upgrade|expect):/im;

const isOptionalSpace = (code: number) => code === 32 || code === 9;

/** The value of a field whose name ends before `colon`. */
export function valueAfter(colon: number, text: string): string {
  let from = colon + 1;
  let to = text.indexOf('\r\n', from);
  while (from < to && isOptionalSpace(text.charCodeAt(from))) from++;
  while (from < to && isOptionalSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isNamed = (name: string, text: string, from: number): boolean =>
  text.charCodeAt(from + name.length) === 58 && text.slice(from, from + name.length).toLowerCase() === name;

/** Whether this is a host that a request can be meant for, with a port perhaps, and nothing else. */
function isAuthority(text: string): boolean {
  const match = AUTHORITY.exec(text);
  return match !== null && (match[1] === undefined || isIPv6(match[1]));
}

/** What a head says of the message that it begins. One object serves many heads. */
export class Framing {
  version: '1.0' | '1.1' = '1.1';
  contentLength = 0;
  isChunked = false;
  expectsContinue = false;
  #hosts = 0;
  #host = '';
  #lengths = 0;
  #codings = 0;

  /** Takes a head, from its method to its empty line; returns why it is refused, or 0. */
  read(head: string): Refusal | 0 {
    this.contentLength = 0;
    this.isChunked = false;
    this.expectsContinue = false;
    this.#hosts = 0;
    this.#lengths = 0;
    this.#codings = 0;
    if (!HEAD.test(head)) return 400;
    const endOfLine = head.indexOf('\r\n');
    const isOld = head.charCodeAt(endOfLine - 1) === 48;
    this.version = isOld ? '1.0' : '1.1';
    for (let from = endOfLine + 2; head.charCodeAt(from) !== 13; from = head.indexOf('\r\n', from) + 2) {
      const refusal = this.#readField(head, from);
      if (refusal !== 0) return refusal;
    }
    if (this.#hosts > 1 || (this.#hosts === 0 && !isOld)) return 400;
    if (!this.#isHostValid(head)) return 400;
    if (this.#lengths > 1 || this.#codings > 1 || this.#lengths + this.#codings > 1) return 400;
    // HTTP/1.0 knows neither.
    if (isOld && this.#codings > 0) return 400;
    if (isOld) this.expectsContinue = false;
    return head.startsWith('CONNECT ') ? 501 : 0;
  }

  /** RFC 9112 3.2: a Host is what the target has for an authority, and empty when it has none. */
  #isHostValid(head: string): boolean {
    const target = ABSOLUTE_TARGET.exec(head);
    if (target && !isAuthority(target[1] as string)) return false;
    if (this.#hosts === 0 || (this.#host === '' && !target)) return true;
    return isAuthority(this.#host);
  }

  #readField(head: string, from: number): Refusal | 0 {
    switch (head.charCodeAt(from) | 32) {
      case 99: // c
        if (!isNamed('content-length', head, from)) return 0;
        this.#lengths++;
        this.contentLength = Number(valueAfter(from + 14, head));
        return Number.isInteger(this.contentLength) ? 0 : 400;
      case 101: // e
        if (!isNamed('expect', head, from)) return 0;
        this.expectsContinue = valueAfter(from + 6, head).toLowerCase() === '100-continue';
        return this.expectsContinue ? 0 : 417;
      case 104: // h
        if (!isNamed('host', head, from)) return 0;
        this.#hosts++;
        this.#host = valueAfter(from + 4, head);
        return 0;
      case 116: // t
        if (!isNamed('transfer-encoding', head, from)) return 0;
        this.#codings++;
        this.isChunked = valueAfter(from + 17, head).toLowerCase() === 'chunked';
        return this.isChunked ? 0 : 501;
      default:
        return 0;
    }
  }
}

/** Whether this stands before the data of a chunk; it begins with the end of the line before. */
export const beginsChunk = (text: string): boolean => CHUNK.test(text);

/** Whether this stands behind all data of a chunked message: the chunk of size 0, and trailers that are allowed. */
export const endsChunks = (text: string): boolean => LAST_CHUNK.test(text) && !NOT_IN_TRAILERS.test(text);
