import { close, isOpen } from '../../pollers/libc/linux/files.js';
import {
  type Capabilities,
  ERROR,
  type Interest,
  isSyscallError,
  type Poller,
  READ,
  WRITE,
} from '../../pollers/poller.js';
import { type Callback, CallbackQueue } from './callback-queue.js';
import { type Clock, monotonicClock, wholeMs } from './clock.js';
import { Counters, type Registrations } from './counters.js';
import { type ErrorSink, HandlerErrors, hasCode, LoopError, reportToStderr } from './errors.js';
import { type Handler, Handlers } from './handlers.js';
import { type SlowCall, type SlowCalls, timed } from './slow-calls.js';
import { type Timeout, Timers } from './timers.js';
import { Waker } from './waker.js';

export interface IOLoopOptions {
  /** Belongs to the loop from now on, and is closed with it. */
  readonly poller: Poller;
  readonly clock?: Clock;
  readonly onError?: ErrorSink;
  /** Reports every call that takes more than `aboveMs`. Costs two readings of the clock and a closure a call; absent, nothing. */
  readonly slow?: SlowCalls;
}

/**
 * Tornado's IOLoop. One turn: the callbacks of the last turn, the timers that are due, the poller's wait, the handlers
 * of the ready fds. A callback that adds a callback thereby lets fds and timers go first, and the poller does not block.
 *
 * Everything is synchronous: while the loop runs, nothing of Node's own loop does in this thread; no promise, no signal
 * handler, no message. What shall reach it must come as readiness of an fd.
 */
export class IOLoop {
  readonly counters = new Counters();

  #poller: Poller;
  readonly #clock: Clock;
  readonly #onError: ErrorSink;
  readonly #slow: IOLoopOptions['slow'];
  readonly #handlers = new Handlers();
  readonly #handlerErrors: HandlerErrors;
  readonly #callbacks = new CallbackQueue();
  readonly #timers = new Timers();
  readonly #wakers = new Set<Waker>();
  /** Of pollers that tell the kernel. */
  #registrationCalls: Registrations | undefined;
  #isRunning = false;
  #isClosed = false;
  #stopping = false;
  /** Whether the poller forgets what it has reported. */
  readonly #armsAgain: boolean;
  /** The fd that was armed last since the present handler began. */
  #armed = -1;

  constructor({ poller, clock = monotonicClock, onError = reportToStderr, slow }: IOLoopOptions) {
    this.#poller = poller;
    this.#armsAgain = poller.capabilities.trigger === 'oneshot';
    this.#clock = clock;
    this.#onError = onError;
    this.#slow = slow;
    this.#handlerErrors = new HandlerErrors(onError, (delayMs, callback) =>
      this.callLater(delayMs, callback),
    );
    this.#registrationCalls = this.#registrationsOf(poller);
  }

  /**
   * The poller's; under `trigger: 'edge'` whoever stops before EAGAIN is not called again of itself. Under `oneshot` the
   * loop arms an fd again after its handler, so that handlers see what a level trigger shows them.
   */
  get capabilities(): Capabilities {
    return this.#poller.capabilities;
  }

  /** Milliseconds on the loop's clock. */
  time(): number {
    return this.#clock.now();
  }

  /**
   * Watches an fd. One that its poller finds closed, without `removeHandler`, is watched no longer, and its handler is
   * called once more, with ERROR alone. @throws LoopError CLOSED; PollerError and SyscallError as `Poller.register`
   */
  addHandler(fd: number, handler: Handler, interest: Interest): void {
    this.#assertOpen();
    this.#poller.register(fd, interest);
    if (this.#registrationCalls) this.#registrationCalls.register.count++;
    this.#handlers.set(fd, this.#watched('handler', handler), interest);
  }

  /**
   * Replaces the interest, from this moment on: also for what the current turn has fetched already. Under an edge
   * trigger this reports again what is ready. @throws as `Poller.modify`; the fd may no longer be watched then
   */
  updateHandler(fd: number, interest: Interest): void {
    this.#assertOpen();
    try {
      this.#poller.modify(fd, interest);
    } catch (error) {
      if (this.#poller.interestOf(fd) === 0) this.#handlers.delete(fd);
      throw error;
    }
    if (this.#registrationCalls) this.#registrationCalls.modify.count++;
    this.#armed = fd;
    this.#handlers.setInterest(fd, interest);
  }

  /** Stops watching; comes before the fd is closed. Its handler is not called again. Silent on an unknown fd. */
  removeHandler(fd: number): void {
    if (!this.#handlers.delete(fd)) return;
    // A poller forgets an fd by itself when it finds it closed.
    if (this.#poller.interestOf(fd) === 0) return;
    this.#poller.unregister(fd);
    if (this.#registrationCalls) this.#registrationCalls.unregister.count++;
  }

  /** Calls back in the next turn. From within this thread only; others write to a waker. @throws LoopError CLOSED */
  addCallback(callback: Callback): void {
    this.#assertOpen();
    this.#callbacks.add(this.#watched('callback', callback));
  }

  /** Calls back once the delay has passed, in the next turn if it is not positive. @throws RangeError, LoopError CLOSED */
  callLater(delayMs: number, callback: Callback): Timeout {
    return this.callAt(this.#clock.now() + Math.max(0, delayMs), callback);
  }

  /** Calls back at a time of the loop's clock, never before. @throws RangeError, LoopError CLOSED */
  callAt(deadlineMs: number, callback: Callback): Timeout {
    this.#assertOpen();
    if (!Number.isFinite(deadlineMs)) throw new RangeError(`${deadlineMs} is not a time to call back at`);
    return this.#timers.add(deadlineMs, this.#watched('timer', callback));
  }

  /** Cancels a timer; harmless when it has fired or was cancelled. */
  removeTimeout(timeout: Timeout): void {
    this.#timers.cancel(timeout);
  }

  /**
   * Waits with another poller from the next wait on: all that is watched moves there with its present interest, and the
   * old poller is closed. Handlers, timers and counters stay. When it throws, the old poller goes on as before and the new
   * one, which is of no use half filled, is closed. @throws LoopError CLOSED, and OTHER_TRIGGER: what reads until EAGAIN
   * and what does not is decided when a stream is made; PollerError FD_TOO_LARGE; SyscallError
   */
  usePoller(poller: Poller): void {
    this.#assertOpen();
    const before = this.#poller;
    const { trigger } = poller.capabilities;
    const calls = this.#registrationsOf(poller);
    let moved = 0;
    try {
      if (trigger !== before.capabilities.trigger)
        throw new LoopError('OTHER_TRIGGER', `${poller.name} has another trigger than ${before.name}`);
      for (const fd of this.#handlers.fds()) {
        const interest = before.interestOf(fd);
        // The old poller has found it closed.
        if (interest === 0) continue;
        poller.register(fd, interest);
        moved++;
      }
    } catch (error) {
      poller.close();
      throw error;
    }
    if (calls) calls.register.count += moved;
    this.#registrationCalls = calls;
    this.#poller = poller;
    before.close();
  }

  /**
   * A waker for other threads and processes. However often it is written to, `onWake` is called once a turn. It is
   * closed with the loop. @throws SyscallError EMFILE; PollerError FD_TOO_LARGE
   */
  openWaker(onWake: Callback): Waker {
    this.#assertOpen();
    const waker = new Waker();
    const reads = this.counters.syscall('read');
    const handler = (_fd: number, events: number) => {
      // Closed elsewhere, as the read will say: when the loop is closed, the number may be another file's.
      if (events === ERROR) this.#wakers.delete(waker);
      reads.count++;
      if (waker.consume()) onWake();
    };
    try {
      this.addHandler(waker.fd, handler, READ);
    } catch (error) {
      waker.close();
      throw error;
    }
    this.#wakers.add(waker);
    return waker;
  }

  /**
   * Runs until `stop`. If `stop` was called before, returns at once, that one time. @throws LoopError CLOSED, RUNNING;
   * SyscallError when the wait fails
   */
  start(): void {
    this.#assertIdle();
    if (this.#stopping) {
      this.#stopping = false;
      return;
    }
    this.#isRunning = true;
    this.counters.runBegins();
    try {
      while (this.#turn(true));
    } finally {
      this.counters.runEnds();
      this.#ends();
    }
  }

  /**
   * One turn that does not block: the callbacks, the timers that are due, the handlers of what is ready by now. For whoever
   * has a loop of his own; Node's runs between two such turns. Callbacks that it leaves run in the next. `stop` ends it, and
   * nothing more, as it ends `start`. @throws as `start`
   */
  turn(): void {
    if (this.#isClosed || this.#isRunning || this.#stopping) {
      this.#assertIdle();
      this.#stopping = false;
      return;
    }
    this.#isRunning = true;
    // A `finally` is some ns dearer, and a turn with one event is that short.
    try {
      this.#turn(false);
    } catch (error) {
      this.#ends();
      throw error;
    }
    this.#isRunning = false;
    this.#stopping = false;
  }

  /** Ends `start` before its next wait: first the handlers of this turn, the callbacks they added and due timers run. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Closes the poller and the wakers, and with `allFds` every fd that is watched. Callbacks and timers are dropped.
   * Harmless when repeated. @throws LoopError RUNNING
   */
  close(allFds = false): void {
    if (this.#isClosed) return;
    if (this.#isRunning) throw new LoopError('RUNNING', 'the loop is running: stop it, then close it');
    this.#isClosed = true;
    for (const waker of this.#wakers) {
      this.#handlers.delete(waker.fd);
      if (isOpen(waker.fd)) waker.close();
    }
    const fds = allFds ? this.#handlers.fds() : [];
    this.#handlers.clear();
    this.#callbacks.clear();
    this.#timers.clear();
    this.#poller.close();
    // One that was closed without `removeHandler` has nothing left to close.
    for (const fd of fds) if (isOpen(fd)) close(fd);
    this.#handlerErrors.flush();
  }

  /** Returns whether another one may follow. */
  #turn(mayBlock: boolean): boolean {
    const counters = this.counters;
    const callbacks = this.#callbacks;
    // What arrives meanwhile waits for the next turn.
    for (let left = callbacks.size; left > 0; left--) this.#runAs('callback', callbacks.take());
    const untilTimerMs = this.#timers.places > 0 ? this.#runTimers() : callbacks.size > 0 ? 0 : null;
    if (this.#stopping) return false;
    const timeoutMs = mayBlock ? untilTimerMs : 0;
    counters.turns++;
    if (timeoutMs !== 0) counters.blockingTurns++;
    const poller = this.#poller;
    // After a signal this is 0, and the next turn finds by the clock how long is left.
    const count = poller.wait(timeoutMs);
    counters.fdsExamined += poller.fdsExamined;
    if (count > 0) this.#dispatch(poller, count);
    return true;
  }

  /** Runs what is due and returns for how long the poller may block; null: until something happens. */
  #runTimers(): number | null {
    const timers = this.#timers;
    let nowMs = this.#clock.now();
    const haveRun = timers.runDue(nowMs, this.#runTimer);
    if (this.#callbacks.size > 0) return 0;
    const deadlineMs = timers.nextDeadlineMs();
    if (deadlineMs === Number.POSITIVE_INFINITY) return null;
    if (haveRun) nowMs = this.#clock.now();
    return wholeMs(deadlineMs - nowMs);
  }

  /** Calls the handlers of a ready set. What is rare stands in methods of its own: so V8 makes one function of a whole turn. */
  #dispatch({ readyFds, readyEvents }: Poller, count: number): void {
    const handlers = this.#handlers;
    handlers.begin();
    for (let i = 0; i < count; i++) {
      const fd = readyFds[i] as number;
      const events = (readyEvents[i] as number) & handlers.maskOf(fd);
      // Removed since, or another file has the number now, or it no longer waits for this.
      if (events === 0) continue;
      this.counters.events++;
      const handler = handlers.of(fd) as Handler;
      if (events === ERROR || this.#armsAgain) this.#runWithCare(handler, fd, events);
      else this.#runHandler(handler, fd, events);
    }
    handlers.end();
  }

  /** The handler of an fd that may be closed, or that its poller forgets unless the handler arms it. */
  #runWithCare(handler: Handler, fd: number, events: number): void {
    // Or poll would report it in every turn, and whoever has its number now would be called for it.
    if (events === ERROR && !isOpen(fd)) this.removeHandler(fd);
    this.#armed = -1;
    this.#runHandler(handler, fd, events);
    if (this.#armsAgain && this.#armed !== fd) this.#armAgain(fd, handler);
  }

  /** An fd that was closed meanwhile is refused, and its handler hears of it as from any poller that finds one closed. */
  #armAgain(fd: number, handler: Handler): void {
    const interest = this.#handlers.maskOf(fd) & (READ | WRITE);
    // Removed, or registered anew, by its handler.
    if (this.#handlers.of(fd) !== handler || interest === 0) return;
    try {
      this.updateHandler(fd, interest as Interest);
    } catch (error) {
      if (!isSyscallError(error)) throw error;
      this.#runHandler(handler, fd, ERROR);
    }
  }

  #runHandler(handler: Handler, fd: number, events: number): void {
    try {
      handler(fd, events);
    } catch (error) {
      this.#noteError(fd, error);
    }
  }

  #noteError(fd: number, error: unknown): void {
    if (hasCode(error, 'EPIPE')) {
      // The peer has gone; whoever reads from it will hear.
      this.counters.brokenPipes++;
    } else {
      this.counters.errors++;
      this.#handlerErrors.add(fd, error);
    }
  }

  readonly #runTimer = (callback: Callback): void => this.#runAs('timer', callback);

  #runAs(source: 'callback' | 'timer', callback: Callback): void {
    try {
      callback();
    } catch (error) {
      this.#noteErrorOf(source, error);
    }
  }

  #noteErrorOf(source: 'callback' | 'timer', error: unknown): void {
    this.counters.errors++;
    this.#onError({ source, error });
  }

  /** What to call: itself, or where slow calls are reported one that takes the time. */
  #watched<F extends Handler | Callback>(source: SlowCall['source'], call: F): F {
    return this.#slow === undefined ? call : (timed(this.#slow, this.#clock, source, call) as F);
  }

  #registrationsOf({ capabilities }: Poller): Registrations | undefined {
    return capabilities.registersBySyscall ? this.counters.registrations() : undefined;
  }

  /** Whether or not it came to its end. */
  #ends(): void {
    this.#handlers.end();
    this.#isRunning = false;
    this.#stopping = false;
  }

  #assertIdle(): void {
    this.#assertOpen();
    if (this.#isRunning) throw new LoopError('RUNNING', 'the loop is already running');
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new LoopError('CLOSED', 'the loop is closed');
  }
}
