import type { Machine } from './machine.js';

/**
 * A check looks at one thing that figures depend on. `fine`; `limited`: something is measured worse or left out;
 * `missing`: an experiment, a series or a claim is skipped for it.
 */
export interface Check {
  readonly id: string;
  readonly group: Group;
  /** Whether it says something on systems other than Linux. */
  readonly anywhere?: boolean;
  /** Null where it cannot be told, which another check then explains. */
  look(machine: Machine): Finding | null;
}

export type Group = 'program' | 'rights' | 'sockets' | 'processor';

/** One line, with the value. */
export type Finding = Fine | Shortage;
export type State = Finding['state'];

export interface Fine {
  readonly state: 'fine';
  readonly finding: string;
}

export interface Shortage {
  readonly state: 'limited' | 'missing';
  readonly finding: string;
  /** What is skipped or weaker for it, by name. */
  readonly consequence: string;
  /** What would change it, as it is typed into a shell; null where no command does. */
  readonly command: string | null;
  /** Experiments of which cells are skipped; none unless given. */
  readonly loses?: readonly string[];
}

export const fine = (finding: string): Fine => ({ state: 'fine', finding });

/** A check in two halves: one reads the system, the other judges what was read and can be tried with any reading. */
export interface TwoHalves<T> {
  readonly id: string;
  readonly group: Group;
  readonly anywhere?: boolean;
  read(machine: Machine): T;
  judge(reading: T, machine: Machine): Finding | null;
}

export const check = <T>(halves: TwoHalves<T>): Check & TwoHalves<T> => ({
  ...halves,
  look: (machine) => halves.judge(halves.read(machine), machine),
});
