/**
 * The same document in fewer letters: HTML lets quotes go around what has no sign in it that would end a value, and the ends
 * of table cells, rows and list items, which the next one's beginning ends. What a browser makes of it is the same.
 */

const OPENING = /<[a-zA-Z][\w-]*(?: [\w:-]+(?:="[^"]*")?)*\/?>(?:<\/(?:path|rect|circle)>)?/g;
const BARE_VALUE = /="([\w#%.,:;+()-]+)"(?=[ >])/g;
const OPTIONAL_END = /<\/(?:td|th|tr|tbody|thead|li|dd)>(?=\s*<)/g;
/** What is empty in an SVG ends itself, but for a space where the last value has no quotes. */
const EMPTY = /(.)><\/\w+>$/;
/** Texts that are no markup. */
const SCRIPT = /(<script[\s\S]*?<\/script>)/;

const terse = (html: string): string =>
  html
    .replace(OPENING, (tag) =>
      tag
        .replace(BARE_VALUE, '=$1')
        .replace(EMPTY, (_, last: string) => `${last}${last === '"' ? '' : ' '}/>`),
    )
    .replace(OPTIONAL_END, '');

export const terseHtml = (html: string): string =>
  html
    .split(SCRIPT)
    .map((part) => (part.startsWith('<script') ? part : terse(part)))
    .join('');
