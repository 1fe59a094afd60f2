import { limitWindow, openTcpSocket, resetOnClose } from '../../../pollers/libc/linux/sockets.js';
import type { IOLoop } from '../../ioloop/ioloop.js';
import { IOStream, type ReadCallback } from '../../net/iostream.js';
import { CLOSED } from '../../net/outcomes.js';
import type { Talk } from './talks.js';
import type { Temper } from './tempers.js';

/** What a client needs to know of those around it, and tells them. */
export interface Surroundings {
  readonly loop: IOLoop;
  readonly host: string;
  readonly port: number;
  readonly talk: Talk;
  readonly random: () => number;
  /** Nobody asks anything any more. */
  readonly isQuiet: boolean;
  /** From an answer to the next question, on average. */
  readonly pauseMs: number;
  count(what: 'requests' | 'resets' | 'halfCloses' | 'bytesChecked', by: number): void;
  complain(reason: string): void;
  gone(client: Client): void;
}

// With less the kernel waits for its timers between one window and the next.
const SMALL_ROOM_BYTES = 16_384;
const SMALL_SEGMENT_BYTES = 1024;
const MOST_BYTES_OF_A_SLOW_WRITE = 7;
const SLOW_WRITE_PAUSE_MS = 5;
const SLOW_READ_BYTES = 16_384;
const SLOW_READ_PAUSE_MS = 10;

/** One connection. It asks, compares every byte that comes back with what has to come, and leaves in one of three ways. */
export class Client {
  readonly #around: Surroundings;
  readonly #temper: Temper;
  readonly #stream: IOStream;
  /** Where in the texts this connection begins; whole questions only. */
  readonly #from: number;
  #questions: number;
  #isConnected = false;
  #asked = 0;
  #heard = 0;
  /** Bytes of the present question that are not sent yet. */
  #unsaid = 0;
  #isWaiting = false;
  #holdsBack = false;
  #way: 'stays' | 'half-close' | 'close' = 'stays';

  /** @throws SyscallError EMFILE */
  constructor(around: Surroundings, temper: Temper) {
    const { talk, random } = around;
    this.#around = around;
    this.#temper = temper;
    this.#questions = temper.questions(random);
    this.#from = Math.floor(random() * (talk.asks.period / talk.askUnit));
    const fd = openTcpSocket();
    if (temper.readsSlowly) limitWindow(fd, SMALL_ROOM_BYTES, SMALL_SEGMENT_BYTES);
    this.#stream = new IOStream(around.loop, fd, { allowHalfOpen: true });
    this.#stream.setCloseCallback(() => this.#closed());
    this.#stream.connect(around.host, around.port, () => {
      this.#isConnected = true;
      this.#listen();
      this.#next();
    });
  }

  /** Bytes that have to come and have not. */
  get #owed(): number {
    const { askUnit, answerUnit } = this.#around.talk;
    return Math.floor(this.#asked / askUnit) * answerUnit - this.#heard;
  }

  /** Whether nothing happens here until somebody wants it. */
  get isStill(): boolean {
    return (
      this.#isConnected &&
      this.#unsaid === 0 &&
      this.#way === 'stays' &&
      (this.#owed === 0 || this.#holdsBack)
    );
  }

  /** What it is at, for a complaint. */
  get situation(): string {
    return `${this.#isConnected ? this.#way : 'not connected'}, ${this.#heard} bytes heard, ${this.#owed} owed`;
  }

  /** A slow reader that has something to read stops reading; returns whether it is one. */
  holdBack(): boolean {
    if (!this.#temper.readsSlowly || !this.#isConnected || this.#way !== 'stays' || this.#owed === 0)
      return false;
    this.#holdsBack = true;
    this.#stream.cancelRead();
    return true;
  }

  /** Resets the connection, closes it, or says that there will be no more and reads to the end; whatever is under way. */
  leave(): void {
    if (this.#way !== 'stays' || this.#stream.closed) return;
    const around = this.#around;
    const drawn = around.random();
    this.#unsaid = 0;
    if (drawn < 0.4) {
      this.#way = 'half-close';
      around.count('halfCloses', 1);
      this.#stream.shutdown();
      this.#holdsBack = false;
      this.#listen();
      return;
    }
    this.#way = 'close';
    if (drawn < 0.7) {
      around.count('resets', 1);
      resetOnClose(this.#stream.fd);
    }
    this.#stream.close();
  }

  // -- asking

  readonly #next = (): void => {
    if (this.#way !== 'stays' || this.#stream.closed || this.#around.isQuiet) return;
    if (this.#questions === 0) {
      this.leave();
      return;
    }
    this.#questions--;
    this.#ask();
    // Some do not wait for the last answer.
    if (this.#questions === 0 && this.#around.random() < 0.5) this.leave();
  };

  #ask(): void {
    const around = this.#around;
    const { talk, random } = around;
    const units = Math.max(1, Math.ceil(this.#temper.answerBytes(random) / talk.answerUnit));
    around.count('requests', talk.askUnit === 1 ? 1 : units);
    this.#isWaiting = true;
    this.#unsaid = units * talk.askUnit;
    if (this.#temper.writesSlowly) this.#sayALittle();
    else while (this.#unsaid > 0) this.#say(this.#unsaid);
  }

  #say(bytes: number): void {
    const { talk } = this.#around;
    const part = talk.asks.at(this.#from * talk.askUnit + this.#asked, bytes);
    this.#asked += part.length;
    this.#unsaid -= part.length;
    this.#stream.write(part);
  }

  readonly #sayALittle = (): void => {
    if (this.#unsaid === 0 || this.#stream.closed) return;
    const { loop, random } = this.#around;
    this.#say(Math.min(this.#unsaid, Math.ceil(random() * MOST_BYTES_OF_A_SLOW_WRITE)));
    loop.callLater(random() * SLOW_WRITE_PAUSE_MS, this.#sayALittle);
  };

  // -- hearing

  readonly #listen = (): void => {
    if (this.#stream.closed || this.#stream.reading || this.#holdsBack) return;
    this.#stream.readSome(this.#hear, this.#temper.readsSlowly ? SLOW_READ_BYTES : undefined);
  };

  readonly #hear: ReadCallback = (bytes, stream) => {
    if (bytes === CLOSED) {
      if (!stream.closed) stream.close();
      return;
    }
    const wrong = this.#check(bytes);
    if (wrong !== undefined) {
      stream.close(new Error(wrong));
      return;
    }
    const { loop, random, pauseMs } = this.#around;
    if (this.#temper.readsSlowly && this.#way === 'stays' && !this.#around.isQuiet)
      loop.callLater(random() * SLOW_READ_PAUSE_MS, this.#listen);
    else this.#listen();
    if (!this.#isWaiting || this.#unsaid > 0 || this.#owed > 0) return;
    this.#isWaiting = false;
    loop.callLater(random() * 2 * pauseMs, this.#next);
  };

  /** What is wrong with these bytes. */
  #check(bytes: Buffer): string | undefined {
    const around = this.#around;
    const { talk } = around;
    const tooMany = bytes.length - this.#owed;
    if (tooMany > 0) return `${tooMany} bytes more than were asked for`;
    for (let at = 0; at < bytes.length; ) {
      const expected = talk.answers.at(this.#from * talk.answerUnit + this.#heard, bytes.length - at);
      if (expected.compare(bytes, at, at + expected.length) !== 0) return 'wrong bytes';
      at += expected.length;
      this.#heard += expected.length;
    }
    around.count('bytesChecked', bytes.length);
    return undefined;
  }

  #closed(): void {
    const { error } = this.#stream;
    const isExpected =
      this.#way === 'close' || (this.#way === 'half-close' && error === undefined && this.#owed === 0);
    if (!isExpected) {
      const why = error instanceof Error ? error.message.replace(/ on fd \d+/, '') : 'end of file';
      this.#around.complain(`${why} (${this.situation})`);
    }
    this.#around.gone(this);
  }
}
