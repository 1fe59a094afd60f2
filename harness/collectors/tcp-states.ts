import { readText } from './collector.js';

/** The states by their numbers in /proc/net/tcp, by the names of the state diagram. */
const STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

/** How many of a server's own sockets are in which state; null where it cannot be read. */
export type TcpStates = Readonly<Record<string, number>>;

/**
 * Counts the sockets whose local port is one of these, by port. With thousands of connections this takes tens of
 * milliseconds: between windows, not inside one.
 */
export function tcpStatesOf(ports: readonly number[]): ReadonlyMap<number, TcpStates> | null {
  const text = readText('/proc/net/tcp');
  if (text === null) return null;
  const counts = new Map(ports.map((port) => [port, {} as Record<string, number>]));
  // "  0: 0100007F:1F90 00000000:0000 0A ...": local address, remote address, state, all in hexadecimal.
  for (const [, port = '', state = ''] of text.matchAll(/^\s*\d+: \w+:(\w{4}) \w+:\w{4} (\w\w)/gm)) {
    const ofPort = counts.get(Number.parseInt(port, 16));
    if (!ofPort) continue;
    const name = STATES[Number.parseInt(state, 16)] ?? `state ${state}`;
    ofPort[name] = (ofPort[name] ?? 0) + 1;
  }
  return counts;
}
