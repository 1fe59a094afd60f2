import { writeNumber } from '../figures.js';
import { type Piece, terms, withTerms } from './glossary-terms.js';

const Asked = ({ piece: { text, term } }: { piece: Piece }) => (
  <button type="button" class="term" popovertarget={`term-${term?.id}`}>
    {text}
  </button>
);

/** As the other figures of the pages are written: thin spaces between thousands, a minus, a unit on the line of its number. */
const asFigures = (text: string): string =>
  text
    .replace(/(?<=\d) us\b/g, '\u00a0µs')
    .replace(/(?<=\d)\.\.(?=\d)/g, ' to ')
    .replace(/(?<=\d) (?=\d{3}(?!\d))/g, '\u202f')
    .replace(/(?<![\w.,/:-])\d{4,}(?![\w/:-]|\.\d)/g, (digits) => writeNumber(Number(digits)))
    .replace(/(?<=[ ([])-(?=\d)/g, '\u2212')
    .replace(/(?<=\d) (?=(?:[nµm]?s|bytes?|[KMG]i?B|kB|%)(?!\w))/g, '\u00a0');

/** A word with what stands right before and behind it, which must not begin a line of its own. */
interface Word {
  readonly before: string;
  readonly piece: Piece;
  readonly after: string;
}

const isTerm = (piece: Piece | undefined): boolean => piece?.term !== undefined;
const LAST = /\S*$/;
const FIRST = /^\S*/;

/** The pieces of a text; those that are terms with the signs beside them. */
const withSigns = (pieces: readonly Piece[]): (string | Word)[] => {
  const beside = (at: number, signs: RegExp) =>
    isTerm(pieces[at]) ? '' : (signs.exec(pieces[at]?.text ?? '')?.[0] ?? '');
  return pieces.map((piece, at) => {
    if (isTerm(piece)) return { piece, before: beside(at - 1, LAST), after: beside(at + 1, FIRST) };
    const from = isTerm(pieces[at - 1]) ? beside(at, FIRST).length : 0;
    const to = isTerm(pieces[at + 1]) ? beside(at, LAST).length : 0;
    return piece.text.slice(from, Math.max(from, piece.text.length - to));
  });
};

/** A text in which each term of art can be asked what it means, by pointer and by keyboard, without a script. */
export const Told = ({ children }: { children: string }) => (
  <>
    {withSigns(withTerms(asFigures(children))).map((each) =>
      typeof each === 'string' ? (
        each
      ) : each.before || each.after ? (
        <span class="kept">
          {each.before}
          <Asked piece={each.piece} />
          {each.after}
        </span>
      ) : (
        <Asked piece={each.piece} />
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
