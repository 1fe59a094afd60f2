import type { ServerSnapshot } from '../processes/server/protocol.js';

/** Asking for a snapshot is itself one turn with one event, one wait and one read. */
const OWN_TURNS = 1;
const OWN_EVENTS = 1;
const OWN_CALLS = 2;

/** What a server's loop did between two snapshots. */
export interface LoopWork {
  readonly turns: number;
  readonly sleptTurns: number;
  readonly events: number;
  readonly fdsExamined: number;
  readonly syscalls: number;
}

/** `blocks`: whether a wait of its poller is one system call; one that does not block makes a call for each fd. */
export function workBetween(before: ServerSnapshot, after: ServerSnapshot, blocks: boolean): LoopWork {
  const made = (of: (snapshot: ServerSnapshot) => number, own: number) =>
    Math.max(0, of(after) - of(before) - own);
  return {
    turns: made(({ turns }) => turns, OWN_TURNS),
    sleptTurns: made(({ sleptTurns }) => sleptTurns, OWN_TURNS),
    events: made(({ events }) => events, OWN_EVENTS),
    fdsExamined: made(({ fdsExamined }) => fdsExamined, OWN_EVENTS),
    syscalls: made((snapshot) => callsOf(snapshot, blocks), OWN_CALLS),
  };
}

const callsOf = ({ syscalls, turns, fdsExamined }: ServerSnapshot, blocks: boolean): number =>
  Object.values(syscalls).reduce((sum, count) => sum + count, 0) + (blocks ? 0 : fdsExamined - turns);
