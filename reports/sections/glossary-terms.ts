interface Term {
  readonly id: string;
  /** How it stands in a sentence: each of these is explained there. */
  readonly forms: readonly string[];
  readonly meaning: string;
}

/** The words of the pages, each with what it means to somebody who never read a kernel. */
export const terms: readonly Term[] = [
  [
    'turn',
    'turn, turns',
    'One call that waits, and the walk through what it reports: what a loop pays each time round.',
  ],
  [
    'fd',
    'fd, fds, file descriptor',
    'File descriptor: the small number by which a program names an open socket or file.',
  ],
  ['watched', 'watched', 'How many fds the poller has been asked about.'],
  [
    'ready',
    'ready',
    'An fd that has something to report when the call is made: bytes to read, or room to write.',
  ],
  [
    'position',
    'position',
    'Where the ready fd stands in the order of scanning: first, last, or spread evenly.',
  ],
  [
    'zero-timeout',
    'zero timeout, returns at once',
    'The call asks and returns; nothing is queued to be woken.',
  ],
  [
    'finite-timeout',
    'finite timeout, may wait for a time',
    'The call may wait for a time, so each fd before the ready one is queued and unqueued.',
  ],
  [
    'infinite-timeout',
    'may wait for ever',
    'The same as a finite timeout without an end, which spares the timer.',
  ],
  [
    'slept',
    'slept, Asleep',
    'Nothing was ready: the call slept, was woken, and looked at all fds a second time.',
  ],
  [
    'binding',
    'binding',
    'What a call from JavaScript costs over the same call from C, as a paired difference.',
  ],
  ['net', 'net of the binding', 'A turn without its binding: what a C program pays.'],
  ['standing', 'standing', 'Readiness that nobody consumes: what is ready stays ready from turn to turn.'],
  [
    'consumed',
    'consumed',
    'Events come and are read in each cycle, on the same fds or on others each time (rotating).',
  ],
  ['cycle', 'cycle, cycles', 'A turn with the reads after it and the sender’s writes before it.'],
  ['churn', 'churn', 'Registrations replaced per 100 turns: an fd is unregistered and registered again.'],
  [
    'fresh',
    'fresh instance',
    'The poller is made, filled, waited on once and closed, all inside the measured turn.',
  ],
  [
    'hot',
    'hot caches, cold caches',
    'Hot: with every cache warm from the turns before. Cold: with the caches evicted before the turn.',
  ],
  [
    'file-table',
    'file table',
    'The list of what a process has open. Private: its own. Shared: threads have it too, so each file looked at is counted.',
  ],
  [
    'bitmap',
    'bitmaps, bitmap',
    'One bit for each fd number, in three sets: what select is handed and gives back.',
  ],
  ['epitem', 'epitem', 'What the kernel keeps for each fd that an epoll instance watches.'],
  [
    'slab',
    'slabs, slab',
    'Memory in which the kernel keeps objects of one size; /proc/slabinfo counts them.',
  ],
  ['page', '4 KiB page', 'The unit in which the kernel hands out memory: 4 096 bytes.'],
  [
    'herd',
    'herd',
    'The process that holds thousands of mostly idle connections and lets them beat now and then.',
  ],
  [
    'phase',
    'storm, poisson',
    'When connections beat: all at once, evenly one after the other, or at random times.',
  ],
  [
    'closed-loop',
    'closed loop, open loop',
    'Closed: few ask again once answered. Open: requests come at their own times, answered or not.',
  ],
  ['saturated', 'saturated', 'A server whose loop finds no time to sleep.'],
  [
    'ledger',
    'ledger',
    'Memory by place (user, kernel) and by duration (for good, only while a call blocks).',
  ],
  [
    'crossover',
    'crossover',
    'Where two pollers cost the same: the share of active fds, or the number of fds, at which the verdict flips.',
  ],
  ['closure', 'closure', 'What the models predict for a live server, held against what it measured.'],
  [
    'noise-floor',
    'noise floor',
    'How far two identical pollers are apart when measured as if they were different.',
  ],
  [
    'full-speed',
    'full speed',
    'Samples taken while the core ran near the fastest that this run saw, nearer than half-way to what a busy neighbour makes of it.',
  ],
  [
    'interval',
    '95 % interval, 95 % intervals, interval, intervals',
    'Where the true median lies, 95 times in 100, by bootstrap over launches, then rounds.',
  ],
  ['round', 'round, rounds', 'One visit to every cell of an experiment, in a shuffled order.'],
  [
    'launch',
    'launch, launches',
    'One life of the measured process; a run has several, because a process keeps its luck for life.',
  ],
  ['c-twin', 'C twin', 'Our small C program that makes the same turns on the same fds.'],
].map(([id = '', forms = '', meaning = '']) => ({ id, forms: forms.split(', '), meaning }));

const byForm = new Map(
  terms.flatMap((term) => term.forms.map((form) => [form.toLowerCase(), term] as const)),
);

const escaped = (form: string): string =>
  form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '[ \u00a0]');
const ANY_FORM = new RegExp(
  `(?<![\\p{L}\\p{N}_-]|\\bin (?=turn\\b))(${[...byForm.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|')})(?![\\p{L}\\p{N}_-])`,
  'iu',
);

export type Piece = { readonly text: string; readonly term?: Term };

/** A text cut where a term of art stands for the first time. */
export const withTerms = (text: string): Piece[] => {
  const pieces: Piece[] = [];
  const told = new Set<Term>();
  let rest = text;
  let plain = '';
  for (let match = ANY_FORM.exec(rest); match; match = ANY_FORM.exec(rest)) {
    const [word] = match;
    const term = byForm.get(word.toLowerCase().replace(/\u00a0/g, ' '));
    plain += rest.slice(0, match.index);
    if (term && !told.has(term)) {
      pieces.push({ text: plain }, { text: word, term });
      plain = '';
      told.add(term);
    } else plain += word;
    rest = rest.slice(match.index + word.length);
  }
  return [...pieces, { text: plain + rest }].filter(({ text: piece }) => piece !== '');
};
