import type { Handler } from '../connection.js';
import { Reply } from '../reply.js';

/** Requests and their answers, as bytes. */

export const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
export const get = (target: string, fields = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
export const answer = (body: string, fields = '') =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;

/** Says what it was asked. */
export const tell: Handler = ({ method, target, body }, response) =>
  response.send(new Reply(200, {}, `${method} ${target} ${body.toString('latin1')}`));
