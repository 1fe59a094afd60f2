import { monotonicNs } from '../../../pollers/libc/linux/clock.js';
import { WOULD_BLOCK } from '../../../pollers/libc/linux/files.js';
import { setTimerfd } from '../../../pollers/libc/linux/timerfd.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import type { Timeout } from '../../ioloop/timers.js';
import { Beats } from './beats.js';
import { type Connections, LOST } from './connections.js';
import type { BeatReport } from './protocol.js';
import { chunk, ENDED, isEnd, type Reader, receiveChunk } from './reading.js';
import type { ExpectedReply } from './reply.js';
import { REQUEST, sendRequest } from './request.js';
import type { Schedule } from './schedule.js';

/** From the start to the window's first moment, so that not even a beat right then is late. */
const LEAD_NS = 2e6;
/** Beats sent in a row at most, before answers are looked at. */
const BATCH = 32;
const LATE_NS = 1e6;
const PATIENCE_MS = 5000;

/** One window of beats in open loop: each leaves at its time, whatever became of those before. */
export class Window implements Reader {
  readonly #loop: IOLoop;
  readonly #timer: number;
  readonly #connections: Connections;
  readonly #reply: ExpectedReply;
  readonly #schedule: Schedule;
  readonly #windowNs: number;
  readonly #onOver: (report: BeatReport) => void;
  readonly #beats: Beats;
  /** By fd: how many bytes of the next answer have come, and whether one of them was wrong. */
  readonly #received: Int32Array;
  readonly #isWrong: Uint8Array;

  #startNs = 0;
  /** Of the monotonic clock over `performance.now()`, which is cheap to read. */
  #offsetNs = 0;
  #next = 0;
  #late = 0;
  #leftNs = 0;
  #cpuBefore = process.cpuUsage();
  #cpuNs = 0;
  #seconds = 0;
  #answeredInTime = 0;
  /** Whether the window is over and only answers are waited for. */
  #isClosed = false;
  #patience: Timeout | undefined;

  /** `timer` is a timerfd whose readiness comes to `due`. */
  constructor(
    loop: IOLoop,
    timer: number,
    connections: Connections,
    reply: ExpectedReply,
    schedule: Schedule,
    ms: number,
    onOver: (report: BeatReport) => void,
  ) {
    this.#loop = loop;
    this.#timer = timer;
    this.#connections = connections;
    this.#reply = reply;
    this.#schedule = schedule;
    this.#windowNs = ms * 1e6;
    this.#onOver = onOver;
    this.#beats = new Beats(schedule.timesNs, connections.fdsEnd);
    this.#received = new Int32Array(connections.fdsEnd);
    this.#isWrong = new Uint8Array(connections.fdsEnd);
  }

  start(): void {
    this.#offsetNs = monotonicNs() - performance.now() * 1e6;
    this.#cpuBefore = process.cpuUsage();
    this.#startNs = performance.now() * 1e6 + LEAD_NS;
    this.#setTimer();
  }

  /** Sends what is due, at most a batch; the timer stays due while there is more. */
  due(): void {
    const { timesNs } = this.#schedule;
    const end = Math.min(this.#next + BATCH, timesNs.length);
    let nowNs = this.#sinceStart();
    while (this.#next < end && (timesNs[this.#next] as number) <= nowNs) {
      const beat = this.#next++;
      this.#send(beat);
      nowNs = this.#sinceStart();
      const timeNs = timesNs[beat] as number;
      // Of many with the same time one can only leave after the other.
      if (nowNs - (timeNs === timesNs[beat - 1] ? this.#leftNs : timeNs) > LATE_NS) this.#late++;
      this.#leftNs = nowNs;
    }
    const nextNs = this.#next < timesNs.length ? (timesNs[this.#next] as number) : this.#windowNs;
    if (nextNs > nowNs) this.#setTimer();
    else if (this.#next === timesNs.length) this.#close(nowNs);
  }

  readable(fd: number): void {
    const count = receiveChunk(fd);
    if (count === WOULD_BLOCK) return;
    if (count === ENDED) this.#lose(fd);
    else this.#compare(fd, count, this.#sinceStart());
    if (this.#isClosed && this.#beats.pending === 0) this.#end();
  }

  #send(beat: number): void {
    const fd = this.#connections.fdOf(this.#schedule.connections[beat] as number);
    if (fd === LOST) {
      this.#beats.lose(beat);
      return;
    }
    let sent: number;
    try {
      sent = sendRequest(fd);
    } catch (error) {
      if (!isEnd(error)) throw error;
      sent = ENDED;
    }
    // The server has long stopped reading, and this beat is not to be answered.
    if (sent === WOULD_BLOCK) return;
    this.#beats.add(beat, fd);
    // Half a request cannot be taken back.
    if (sent !== REQUEST.length) this.#lose(fd);
  }

  /** Holds what has come against the answers that are due. */
  #compare(fd: number, count: number, nowNs: number): void {
    const { bytes, mask } = this.#reply;
    const { length } = bytes;
    let at = this.#received[fd] as number;
    let differences = this.#isWrong[fd] as number;
    for (let i = 0; i < count; i++) {
      if (at === 0 && !this.#beats.isWaiting(fd)) {
        this.#beats.spoilLast(fd);
        this.#lose(fd);
        return;
      }
      differences |= ((chunk[i] as number) ^ (bytes[at] as number)) & (mask[at] as number);
      if (++at < length) continue;
      this.#beats.answer(fd, nowNs, differences === 0);
      at = 0;
      differences = 0;
    }
    this.#received[fd] = at;
    this.#isWrong[fd] = differences;
  }

  #lose(fd: number): void {
    this.#beats.loseAll(fd);
    this.#connections.drop(fd);
  }

  #close(nowNs: number): void {
    setTimerfd(this.#timer, null);
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    this.#cpuNs = (user + system) * 1000;
    this.#seconds = nowNs / 1e9;
    this.#answeredInTime = this.#beats.answered;
    this.#isClosed = true;
    if (this.#beats.pending === 0) this.#end();
    else this.#patience = this.#loop.callLater(PATIENCE_MS, () => this.#giveUp());
  }

  /** Whoever still owes an answer could give it to a beat of the next window. */
  #giveUp(): void {
    for (let number = 0; number < this.#connections.count; number++) {
      const fd = this.#connections.fdOf(number);
      if (fd !== LOST && this.#beats.isWaiting(fd)) this.#connections.drop(fd);
    }
    this.#end();
  }

  #end(): void {
    if (this.#patience) this.#loop.removeTimeout(this.#patience);
    const beats = this.#beats.report();
    const lateBeats = beats.intended === 0 ? 0 : this.#late / beats.intended;
    const answeredInTime = this.#answeredInTime;
    this.#onOver({ ...beats, answeredInTime, lateBeats, cpuNs: this.#cpuNs, seconds: this.#seconds });
  }

  #setTimer(): void {
    const { timesNs } = this.#schedule;
    const atNs = this.#next < timesNs.length ? (timesNs[this.#next] as number) : this.#windowNs;
    setTimerfd(this.#timer, this.#startNs + atNs + this.#offsetNs);
  }

  #sinceStart(): number {
    return performance.now() * 1e6 - this.#startNs;
  }
}
