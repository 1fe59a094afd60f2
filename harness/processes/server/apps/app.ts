import type { IOLoop } from '../../../ioloop/ioloop.js';
import type { TCPServer } from '../../../net/tcp-server.js';

/** What a server does with its connections. */
export type App = (loop: IOLoop) => TCPServer;
