/**
 * What `import 'pollcost'` gives: the event loop, its streams and servers, and every poller that runs here. It loads Koffi;
 * `pollcost/poller` (the seam alone) and `pollcost/results` (what runs hold) do not.
 */
export { createPoller, loadedPollers } from '../pollers/loaded.js';
export type { PollerName } from '../pollers/manifest.js';
export * from '../pollers/poller.js';
export { type ConnectionLimits, type Handler, HTTPConnection } from './http/connection.js';
export { HTTPServer, type HTTPServerOptions } from './http/http-server.js';
export { Reply } from './http/reply.js';
export { HTTPRequest } from './http/request.js';
export type { MessageLimits } from './http/request-parser.js';
export { HTTPResponse } from './http/response.js';
export { type Clock, monotonicClock } from './ioloop/clock.js';
export type { LoopCounts } from './ioloop/counters.js';
export { type ErrorReport, type ErrorSink, LoopError, type LoopErrorCode } from './ioloop/errors.js';
export { IOLoop, type IOLoopOptions } from './ioloop/ioloop.js';
export { PeriodicCallback } from './ioloop/periodic-callback.js';
export type { SlowCall, SlowCalls } from './ioloop/slow-calls.js';
export type { Timeout } from './ioloop/timers.js';
export { IOStream, type ReadCallback, type StreamCallback, type WriteCallback } from './net/iostream.js';
export { closeLingering, type LingerLimits } from './net/lingering-close.js';
export { Listener, type ListenerOptions } from './net/listener.js';
export {
  CLOSED,
  type Closed,
  StreamError,
  type StreamErrorCode,
  WRITTEN,
  type Written,
} from './net/outcomes.js';
export type { StreamOptions } from './net/stream-options.js';
export { ListenError, TCPServer, type TCPServerOptions } from './net/tcp-server.js';
