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
