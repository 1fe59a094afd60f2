import { terms, withTerms } from './glossary-terms.js';

/** A text in which each term of art can be asked what it means, by pointer and by keyboard, without a script. */
export const Told = ({ children }: { children: string }) => (
  <>
    {withTerms(children.replace(/(?<=\d) us\b/g, '\u00a0µs')).map(({ text, term }) =>
      term ? (
        <button type="button" class="term" popovertarget={`term-${term.id}`}>
          {text}
        </button>
      ) : (
        text
      ),
    )}
  </>
);

/** The meanings of those terms that a page asks for, shown when asked. */
export const Meanings = ({ body }: { body: string }) => (
  <>
    {terms
      .filter(({ id }) => body.includes(`popovertarget="term-${id}"`))
      .map(({ id, forms, meaning }) => (
        <div
          role="note"
          popover="auto"
          id={`term-${id}`}
          class="meaning"
          aria-label={`Meaning of ${forms[0]}`}
        >
          <b>{forms[0]}</b> {meaning}
        </div>
      ))}
  </>
);

/** The words of the pages. */
export const Glossary = () => (
  <section id="glossary">
    <h2>How to read this</h2>
    <dl class="glossary">
      {terms.map(({ forms, meaning }) => (
        <div>
          <dt>{forms[0]}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </section>
);
