import type { Claim, Run } from './run-schema.js';

/** What makes two runs different before anything was measured, in the order in which people ask. */
export const RUN_FACTS: readonly (readonly [what: string, of: (run: Run) => string | null])[] = [
  ['kernel', ({ environment }) => environment.kernel],
  ['architecture', ({ environment }) => environment.arch],
  ['CPU', ({ environment }) => environment.cpuModel],
  ['CPUs', ({ environment }) => String(environment.cpus)],
  ['virtualization', ({ environment }) => environment.virtualization],
  ['container', ({ environment }) => yesNo(environment.container)],
  ['Node', ({ environment }) => environment.node],
  ['C compiler', ({ environment }) => environment.cc],
  [
    'fd limit',
    ({ environment }) => (environment.fdLimitSoft === null ? null : String(environment.fdLimitSoft)),
  ],
  ['private file table', ({ environment }) => yesNo(environment.unshare)],
  ['root', ({ environment }) => yesNo(environment.uid0)],
  ['memory read from', booksOf],
  ['system calls', ({ environment }) => waitsOf(environment)],
  ['commit', ({ environment }) => environment.commit],
  ['profile', ({ profile }) => profile],
  ['status', ({ status }) => status],
];

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');

/** Where the ledger read kernel memory: a process in the root cgroup, or a kernel without memory accounting, has no cgroup's books. */
const BOOKS = {
  persistentBytesBySlabinfo: 'slabinfo',
  persistentBytesByMemoryStat: 'memory.stat',
  persistentBytesByMemoryKmem: 'memory.kmem',
};

/** Null where no ledger was made. */
function booksOf({ cells }: Run): string | null {
  const ledger = cells.filter(({ experiment }) => experiment === 'memory');
  if (!ledger.some(({ status }) => status === 'measured')) return null;
  const read = Object.entries(BOOKS).flatMap(([metric, book]) =>
    ledger.some(({ metrics }) => metric in metrics) ? [book] : [],
  );
  return read.length === 0 ? 'nothing' : read.join(', ');
}

/** The system call that each poller slept in: glibc's select() need not be select(2). */
export const waitsOf = ({ waitSyscalls = {} }: Run['environment']): string | null => {
  const seen = Object.entries(waitSyscalls).flatMap(([poller, call]) =>
    call === null ? [] : [poller === call ? poller : `${poller} by ${call}`],
  );
  return seen.length > 0 ? seen.join(', ') : null;
};

export interface SplitFacts {
  /** Those in which the runs differ, each with what it is in every run. */
  readonly different: readonly { readonly what: string; readonly values: readonly (string | null)[] }[];
  readonly same: readonly { readonly what: string; readonly value: string | null }[];
}

export function splitFacts(runs: readonly Run[]): SplitFacts {
  const all = RUN_FACTS.map(([what, of]) => ({ what, values: runs.map(of) }));
  const isSame = ({ values }: { values: readonly (string | null)[] }) => new Set(values).size === 1;
  return {
    different: all.filter((fact) => !isSame(fact)),
    same: all.filter(isSame).map(({ what, values }) => ({ what, value: values[0] ?? null })),
  };
}

/** A sentence and what each run says of it; null where a run has not judged it. */
export interface SharedClaim {
  readonly id: string;
  readonly statement: string;
  readonly claims: readonly (Claim | null)[];
  /** Whether two runs say the opposite, or one has no condition where another has; `undecided` contradicts nobody. */
  readonly differs: boolean;
  /** How many runs decided it. */
  readonly decided: number;
}

/**
 * Every sentence of any run: those first of which the runs say different things, then those that only some decided, and last
 * those that nobody did.
 */
export function claimsAcross(runs: readonly Run[]): SharedClaim[] {
  const ids = [...new Set(runs.flatMap(({ claims }) => claims.map(({ id }) => id)))];
  const all = ids.map((id): SharedClaim => {
    const claims = runs.map((run) => run.claims.find((claim) => claim.id === id) ?? null);
    const decided = claims.flatMap((claim) =>
      claim && claim.verdict !== 'undecided' ? [claim.verdict] : [],
    );
    const statement = claims.find((claim) => claim !== null)?.statement ?? id;
    return { id, statement, claims, differs: new Set(decided).size > 1, decided: decided.length };
  });
  const rank = ({ differs, decided }: SharedClaim): number =>
    differs ? 0 : decided === 0 ? 3 : decided < runs.length ? 1 : 2;
  return all.toSorted((a, b) => rank(a) - rank(b));
}
