import { type Collector, numberIn, readText } from './collector.js';

/** TCP sockets of this network namespace that are bound or connected. */
export const tcpSockets: Collector = { read: () => inSockstat(/^TCP: inuse (\d+)/m) };

/** Pages that the kernel has set aside for what TCP sockets send and receive. */
export const tcpPages: Collector = { read: () => inSockstat(/^TCP: .*\bmem (\d+)/m) };

const inSockstat = (pattern: RegExp) => numberIn(readText('/proc/net/sockstat'), pattern);
