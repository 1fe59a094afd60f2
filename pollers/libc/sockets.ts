import { isLinux } from './system.js';

/** Sockets, by this system: as much of them as turns are measured on. */
type Sockets = typeof import('./bsd/sockets.js');

const sockets: Sockets = await (isLinux ? import('./linux/sockets.js') : import('./bsd/sockets.js'));

export const {
  accept,
  connectToLoopback,
  listenOnLoopback,
  resetOnClose,
  sendAtOnce,
  shutdownWrite,
  socketpair,
  startConnecting,
  takeSocketError,
} = sockets;
