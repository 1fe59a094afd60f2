const terms: readonly (readonly [term: string, meaning: string])[] = [
  ['turn', 'One call that waits, and the walk through what it reports: what a loop pays each time round.'],
  ['watched', 'How many fds the poller has been asked about.'],
  ['ready', 'How many of them have something to report when the call is made.'],
  ['position', 'Where the ready fd stands in the order of scanning: first, last, or spread evenly.'],
  ['timeout zero', 'The call asks and returns; nothing is queued to be woken.'],
  ['timeout finite', 'The call may wait for a time, so each fd before the ready one is queued and unqueued.'],
  ['timeout infinite', 'The same without an end, which spares the timer.'],
  ['timeout slept', 'Nothing was ready: the call slept, was woken, and looked at all fds a second time.'],
  ['binding', 'What a call from JavaScript costs over the same call from C, as a paired difference.'],
  ['net', 'A turn without its binding: what a C program pays.'],
  ['standing', 'Readiness that nobody consumes: what is ready stays ready from turn to turn.'],
  ['consumed', 'Events come and are read in each cycle, on the same fds or on others each time (rotating).'],
  ['cycle', 'A turn with the reads after it and the sender’s writes before it.'],
  ['churn', 'Registrations replaced per 100 turns: an fd is unregistered and registered again.'],
  ['fresh', 'The poller is made, filled, waited on once and closed, all inside the measured turn.'],
  ['hot, cold', 'With every cache warm from the turns before, and with the caches evicted before the turn.'],
  [
    'file table',
    'Private: this process has its own. Shared: threads have it too, so each file looked at is counted.',
  ],
  ['herd', 'The process that holds thousands of mostly idle connections and lets them beat now and then.'],
  [
    'storm, spread, poisson',
    'When connections beat: all at once, evenly one after the other, or at random times.',
  ],
  [
    'regime',
    'What a server is under: closed loop (few ask again once answered), open loop (requests come at their own times), saturated (its loop finds no time to sleep).',
  ],
  ['ledger', 'Memory by place (user, kernel) and by duration (for good, only while a call blocks).'],
  [
    'crossover',
    'Where two pollers cost the same: the share of active fds, or the number of fds, at which the verdict flips.',
  ],
  ['closure', 'What the models predict for a live server, held against what it measured.'],
  [
    'round, launch',
    'A round visits every cell once in a shuffled order; a launch is one life of the measured process.',
  ],
  ['[low, high]', 'The 95 % interval of the median, by bootstrap over launches, then rounds.'],
];

/** The words of the page. */
export const Glossary = () => (
  <section id="glossary">
    <h2>How to read this</h2>
    <dl class="glossary">
      {terms.map(([term, meaning]) => (
        <div>
          <dt>{term}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </section>
);
