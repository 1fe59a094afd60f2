import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { Duplex } from 'node:stream';
import type { Framed } from '../../harness/http/testing/frame.js';

/**
 * What Node's own HTTP server makes of the same bytes, by its public interface: a stream in memory for a connection. It
 * does not look at what a Host says, so that is judged here, by RFC 9112 3.2 read once more: character by character.
 */

class Wire extends Duplex {
  constructor() {
    super({ autoDestroy: false, emitClose: false });
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  setTimeout(): this {
    return this;
  }
}

export interface Verdict {
  readonly requests: readonly Framed[];
  /**
   * Open: more may come; last: nothing more is wanted; refused: with `why`; unknown: after an Upgrade that nobody takes up
   * this parser throws away what came with it.
   */
  readonly end: 'open' | 'last' | 'refused' | 'unknown';
  readonly why: string;
}

interface Seen {
  readonly request: IncomingMessage;
  readonly keepsAlive: boolean;
}

let seen: Seen[] = [];
let refusal = '';

const server = createServer({ requireHostHeader: false, keepAliveTimeout: 0 });
server.timeout = 0;
server.headersTimeout = 0;
server.requestTimeout = 0;
const note = (request: IncomingMessage, response: ServerResponse) => {
  seen.push({ request, keepsAlive: response.shouldKeepAlive });
};
for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, note);
server.on('clientError', (error: Error & { code?: string; reason?: string }) => {
  refusal = `${error.code ?? error.message}${error.reason ? `: ${error.reason}` : ''}`;
});

export function judge(pieces: readonly Buffer[]): Verdict {
  seen = [];
  refusal = '';
  const wire = new Wire();
  server.emit('connection', wire);
  for (const piece of pieces) {
    // Whoever hears `data` gets it at once, whatever it has asked for.
    wire.emit('data', piece);
    if (refusal !== '' || wire.destroyed) break;
  }
  const misled = seen.findIndex(({ request }) => !isHostFine(request));
  if (misled !== -1) {
    seen.length = misled;
    refusal = 'a Host that is no host';
  }
  const complete = seen.filter(({ request }) => request.complete);
  const requests = complete.map(({ request }) => ({
    method: request.method ?? '',
    target: request.url ?? '',
    body: bodyOf(request),
  }));
  const upgrade = complete.findIndex(
    ({ request }) => request.headers.upgrade !== undefined && hasUpgrade(request),
  );
  if (wire.destroyed && refusal === '') refusal = 'destroyed';
  const isLast = complete.at(-1)?.keepsAlive === false;
  wire.destroy();
  wire.emit('close');
  if (upgrade !== -1) return { requests: requests.slice(0, upgrade + 1), end: 'unknown', why: '' };
  if (refusal.startsWith('HPE_CLOSED_CONNECTION') || isLast) return { requests, end: 'last', why: '' };
  return { requests, end: refusal === '' ? 'open' : 'refused', why: refusal };
}

function isHostFine({ url = '', headersDistinct }: IncomingMessage): boolean {
  const hosts = headersDistinct.host ?? [];
  const authority = url.split('://', 2)[1]?.split(/[/?#]/, 1)[0];
  if (authority !== undefined) return [authority, ...hosts].every(isAuthority);
  return hosts.every((host) => host === '' || isAuthority(host));
}

const IN_NAMES = new Set("!$&'()*+-.;=_~%");

function isAuthority(text: string): boolean {
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : text.indexOf(':');
  const host = end <= 0 ? text : text.slice(0, end);
  const rest = text.slice(host.length);
  if (rest !== '' && (!rest.startsWith(':') || !/^[0-9]*$/.test(rest.slice(1)))) return false;
  if (host.startsWith('[')) {
    if (!host.endsWith(']')) return false;
    const address = host.slice(1, -1);
    return /^v[0-9a-f]+\../i.test(address)
      ? !/[^-\w!$&'()*+,.:;=~]/.test(address)
      : isIPv6(address) && !address.includes('%');
  }
  const isKnown = (letter: string) => /[a-z0-9]/i.test(letter) || IN_NAMES.has(letter);
  return host !== '' && [...host].every(isKnown) && !/%(?![0-9a-f]{2})/i.test(host);
}

const hasUpgrade = ({ headers }: IncomingMessage) => /upgrade/i.test(headers.connection ?? '');

function bodyOf(request: IncomingMessage): string {
  let body = '';
  for (let chunk = request.read(); chunk !== null; chunk = request.read()) body += chunk.toString('latin1');
  return body;
}
