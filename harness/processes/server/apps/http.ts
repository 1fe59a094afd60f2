import { HTTPServer } from '../../../http/http-server.js';
import { Reply } from '../../../http/reply.js';
import type { App } from './app.js';

const HELLO = new Reply(200, { 'Content-Type': 'text/plain' }, 'Hello, world');

/** Longer than any client of a measurement is silent. */
const IDLE_TIMEOUT_MS = 600_000;

export const http: App = (loop) =>
  new HTTPServer(loop, (_request, response) => response.send(HELLO), { idleTimeoutMs: IDLE_TIMEOUT_MS });
