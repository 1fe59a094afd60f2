import type { Latency } from '../control/messages.js';
import type { AppName } from '../server/protocol.js';

/** When the beats of a herd come: all together, one after the other, or at random times; at the same mean rate. */
export type Phase = 'storm' | 'spread' | 'poisson';

/** What became of the beats of one window. */
export interface BeatReport {
  /** Beats whose time came within the window. */
  readonly intended: number;
  readonly answered: number;
  /** Those of them that came before the window was over; the others wait for a server that cannot keep up. */
  readonly answeredInTime: number;
  /** Unanswered within the deadline, answered with other bytes than expected, or on a connection that was lost. */
  readonly unanswered: number;
  readonly wrong: number;
  readonly lost: number;
  /** Share of the beats that left more than 1 ms after their time; in a storm, after the one before them. */
  readonly lateBeats: number;
  readonly latencyUs: Latency;
  /** CPU time of the herd's process in the window, and the window's length. */
  readonly cpuNs: number;
  readonly seconds: number;
}

/** Connections that are held open and say something now and then, in open loop. */
export interface HerdProtocol {
  /** Adds connections; the first call comes first and decides the app and the server. */
  connect: {
    ask: {
      host: string;
      port: number;
      connections: number;
      /** How many are to be held in the end; `connections` and what it has unless given. */
      most?: number;
      app: AppName;
      cpu: number | null;
      /** On loopback: this many from 127.0.0.1, as many from 127.0.0.2 and so on; there is a fitting default. */
      perSource?: number;
    };
    /** All that are held, user memory of this process for each of them, and how long the new ones took. */
    answer: { connected: number; seconds: number; bytesPerConnection: number };
  };
  /** Closes those that were made last, until no more than so many are held. */
  keep: { ask: { connections: number }; answer: { connected: number } };
  /**
   * Lets the first `connections` of them beat; the same seed gives the same beats. Answers when the window is over. What others
   * do on the CPU of a server is no part of its latency: until then the main thread of the process `subject` runs in short
   * slices there, or, if it `isFirst`, before others, as far as that is allowed.
   */
  beat: {
    ask: {
      connections: number;
      ratePerSecond: number;
      phase: Phase;
      seed: number;
      ms: number;
      subject?: number;
      isFirst?: boolean;
    };
    answer: BeatReport;
  };
}
