import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Slowdowns that are planted into a copy of the built program, to see whether the gate finds them. The shipped program
 * knows nothing of them: each is appended to one of the copy's files, and changes what its class does from outside.
 */
export interface Plant {
  readonly id: string;
  readonly what: string;
  /** The metrics of which at least one has to show it. */
  readonly shownBy: readonly string[];
  /** Counted: caught for certain. Timed: on a machine that is too noisy it may stay inconclusive. */
  readonly kind: 'exact' | 'timed';
  readonly file: string;
  /** JavaScript. So many spins take a quarter of what an event costs here. */
  code(spins: number): string;
}

const WRAPS_EPOLL = `
const planted = { wait: EpollPoller.prototype.wait, register: EpollPoller.prototype.register, unregister: EpollPoller.prototype.unregister };
`;

export const plants: readonly Plant[] = [
  {
    id: 'system-call',
    what: 'one extra system call per turn',
    shownBy: ['syscallsPerRequest'],
    kind: 'exact',
    file: 'pollers/epoll.js',
    code: () => `${WRAPS_EPOLL}
import plantedKoffi from 'koffi';
const plantedCall = plantedKoffi.load(null).func('int getppid()');
EpollPoller.prototype.wait = function (timeoutMs) {
  plantedCall();
  return planted.wait.call(this, timeoutMs);
};`,
  },
  {
    id: 'bytes',
    what: '64 more bytes per fd',
    shownBy: ['userBytes', 'userCopyBytes'],
    kind: 'exact',
    file: 'pollers/epoll.js',
    code: () => `${WRAPS_EPOLL}
const plantedBytes = EpollPoller.prototype.userBytes;
EpollPoller.prototype.register = function (fd, interest) {
  planted.register.call(this, fd, interest);
  this.planted ??= new Map();
  this.planted.set(fd, new Uint8Array(64));
};
EpollPoller.prototype.userBytes = function () {
  return plantedBytes.call(this) + 64 * (this.planted?.size ?? 0);
};`,
  },
  {
    id: 'walk',
    what: 'a walk over all watched fds in epoll, every turn',
    shownBy: ['cpuNsPerTurn', 'growth', 'overC'],
    kind: 'timed',
    file: 'pollers/epoll.js',
    code: () => `${WRAPS_EPOLL}
let plantedSum = 0;
EpollPoller.prototype.register = function (fd, interest) {
  planted.register.call(this, fd, interest);
  this.planted ??= new Set();
  this.planted.add(fd);
};
EpollPoller.prototype.unregister = function (fd) {
  this.planted?.delete(fd);
  planted.unregister.call(this, fd);
};
EpollPoller.prototype.wait = function (timeoutMs) {
  if (this.planted) for (const fd of this.planted) plantedSum = (plantedSum + fd) | 0;
  return planted.wait.call(this, timeoutMs);
};
export const plantedWalk = () => plantedSum;`,
  },
  {
    id: 'dispatch',
    what: 'user time of a quarter of an event, in the dispatch of each',
    shownBy: ['cpuNsPerEvent'],
    kind: 'timed',
    file: 'harness/ioloop/ioloop.js',
    code: (spins) => `
const plantedAdd = IOLoop.prototype.addHandler;
const plantedState = new Int32Array(1);
IOLoop.prototype.addHandler = function (fd, handler, interest) {
  return plantedAdd.call(this, fd, (ready, events) => {
    let state = plantedState[0];
    for (let spin = 0; spin < ${spins}; spin++) state = (Math.imul(state, 1103515245) + 12345) | 0;
    plantedState[0] = state;
    handler(ready, events);
  }, interest);
};`,
  },
];

/** Copies a built program with its dependencies to a place, and changes the copy. Returns its main file. */
export function plantInto(built: string, place: string, plant: Plant, spins: number): string {
  mkdirSync(place, { recursive: true });
  const root = dirname(built);
  cpSync(built, join(place, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
  const modules = join(root, 'node_modules');
  if (existsSync(modules)) symlinkSync(modules, join(place, 'node_modules'));
  appendFileSync(join(place, 'dist', plant.file), plant.code(spins));
  return join(place, 'dist/harness/cli/main.js');
}

/** How many turns of the spinning loop take this many ns here: the fastest of several tries, so that nobody disturbs it. */
export function spinsFor(ns: number): number {
  const count = 2_000_000;
  let [fastest, state] = [Number.POSITIVE_INFINITY, 1];
  for (let attempt = 0; attempt < 7; attempt++) {
    const started = performance.now();
    for (let spin = 0; spin < count; spin++) state = (Math.imul(state, 1103515245) + 12345) | 0;
    fastest = Math.min(fastest, performance.now() - started);
  }
  // The state is used, or there would be nothing to time.
  return Math.max(1, Math.round((ns / ((fastest * 1e6) / count)) * (state === 0 ? 1.000_001 : 1)));
}
