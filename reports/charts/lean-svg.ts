import { createHash } from 'node:crypto';
import { shortPath } from './path-data.js';

/**
 * Vega's SVG says much that a picture on a page does not need: groups in groups, a name for each of them, what a hundred
 * marks have in common a hundred times over, and digits far below a pixel. Here it is said once. What is to be seen stays as
 * it is, to a tenth of a pixel.
 */

interface Node {
  readonly tag: string;
  readonly attributes: Map<string, string>;
  children: Child[];
}
type Child = Node | string;

const TOKEN = /<(\/?)([a-zA-Z]+)((?: [\w:-]+="[^"]*")*) ?(\/?)>|([^<]+)/y;
const ATTRIBUTE = / ([\w:-]+)="([^"]*)"/g;

/** What Vega writes is well-formed, and has no comments. @throws SyntaxError */
const parse = (svg: string): Node => {
  const root: Node = { tag: '', attributes: new Map(), children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < svg.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(svg);
    const parent = open.at(-1);
    if (!found || !parent) throw new SyntaxError(`the SVG goes wrong at '${svg.slice(at, at + 40)}'`);
    const [, closing, tag = '', attributes = '', isEmpty, text] = found;
    if (text !== undefined) parent.children.push(text);
    else if (closing) open.pop();
    else {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(
        ([, name = '', value = '']) => [name, value] as const,
      );
      const node: Node = { tag, attributes: new Map(pairs), children: [] };
      parent.children.push(node);
      if (!isEmpty) open.push(node);
    }
  }
  return root.children.find((child) => typeof child !== 'string') as Node;
};

/** The way of a path comes last: it needs its quotes, and what stands before it does not. */
const serialise = (child: Child): string => {
  if (typeof child === 'string') return child;
  const { tag, children } = child;
  const attributes = [...child.attributes].sort(([a], [b]) => Number(a === 'd') - Number(b === 'd'));
  const pairs = attributes.map(([name, value]) => ` ${name}="${name === 'd' ? shortPath(value) : value}"`);
  const head = `${tag}${pairs.join('')}`;
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.map(serialise).join('')}</${tag}>`;
};

const rounded = (text: string): string =>
  text.replace(/-?\d+\.\d+/g, (digits) => String(Math.round(Number(digits) * 10) / 10));

const GEOMETRY = ['d', 'transform', 'x', 'y', 'x2', 'y2', 'width', 'height'];
/** What the pages' own style and tests know marks by. */
const NAMED = ['mark-line', 'mark-area', 'role-axis-label'];
const NEVER = /^(?:role|aria-.*|pointer-events|font-family)$/;
const USUAL: Readonly<Record<string, string>> = {
  opacity: '1',
  transform: 'translate(0,0)',
  'font-weight': 'normal',
  'stroke-width': '1',
  'stroke-miterlimit': '4',
  // The pages' own style has it.
  'font-size': '11.5px',
};

const cleaned = (attributes: ReadonlyMap<string, string>): Map<string, string> => {
  const kept = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (NEVER.test(name) || USUAL[name] === value) continue;
    if (name === 'class') {
      const names = value.split(' ').filter((each) => NAMED.includes(each));
      if (names.length > 0) kept.set(name, names.join(' '));
    } else kept.set(name, GEOMETRY.includes(name) ? rounded(value) : value);
  }
  return kept;
};

const placeOf = (transform: string | undefined): readonly [x: string, y: string] | null => {
  const [, x, y] = /^translate\(([-\d.]+),([-\d.]+)\)$/.exec(transform ?? '') ?? [];
  return x !== undefined && y !== undefined ? [x, y] : null;
};

/** A line that Vega moves to its place is a path there. */
const asPath = (line: Node): Node => {
  const { x2 = '0', y2 = '0', transform, ...rest } = Object.fromEntries(line.attributes);
  const [x, y] = placeOf(transform) ?? ['0', '0'];
  const way = y2 === '0' ? `h${x2}` : x2 === '0' ? `v${y2}` : `l${x2},${y2}`;
  return {
    tag: 'path',
    attributes: new Map([['d', `M${x},${y}${way}`], ...Object.entries(rest)]),
    children: [],
  };
};

/** A text that is only moved says where it is. */
const inPlace = (text: Node): Node => {
  const { transform, ...rest } = Object.fromEntries(text.attributes);
  const [x, y] = placeOf(transform) ?? [];
  if (x === undefined || y === undefined || 'x' in rest || 'y' in rest) return text;
  return { ...text, attributes: new Map([...Object.entries({ x, y }), ...Object.entries(rest)]) };
};

/** A shape is known by what it looks like, so that every picture of a page can use the same. */
const signOf = (shape: string): string => `s${createHash('sha256').update(shape).digest('hex').slice(0, 4)}`;

/** A mark with a description says it when it is pointed at; its shape is one of a few, put where it belongs. */
const asPoint = (mark: Node, shapes: Map<string, string>): Node => {
  const words = mark.attributes.get('aria-label') ?? '';
  const { transform, d = '', ...rest } = Object.fromEntries(cleaned(mark.attributes));
  // Nothing breaks a title's line, so that its spaces need not be kept from that.
  const plain = words.replace(/[\u00a0\u202f]/g, ' ');
  const title: Node = { tag: 'title', attributes: new Map(), children: [plain] };
  const place = placeOf(transform);
  if (!place)
    return {
      tag: 'path',
      attributes: new Map([['class', 'point'], ['d', d], ...Object.entries(rest)]),
      children: [title],
    };
  const sign = signOf(d);
  shapes.set(sign, d);
  const [x, y] = place;
  return {
    tag: 'use',
    attributes: new Map([['href', `#${sign}`], ['x', x], ['y', y], ...Object.entries(rest)]),
    children: [title],
  };
};

const SMALL = { 'stroke-linecap': 'round', 'stroke-width': '3.4', opacity: '0.55' };

/** Dots that say nothing when they are pointed at are one path for each colour, of strokes without length. */
const dotsTogether = (marks: readonly Node[]): Node[] => {
  const inks = new Map<string, string>();
  for (const { attributes } of marks) {
    const ink = attributes.get('fill') ?? '';
    const [x, y] = placeOf(attributes.get('transform')) ?? ['0', '0'];
    inks.set(ink, `${inks.get(ink) ?? ''}M${x},${y}h0`);
  }
  return [...inks].map(([stroke, d]) => ({
    tag: 'path',
    attributes: new Map(Object.entries({ d, stroke, ...SMALL })),
    children: [],
  }));
};

const isNode = (child: Child): child is Node => typeof child !== 'string';
const isDot = (child: Child): child is Node =>
  isNode(child) &&
  child.tag === 'path' &&
  child.children.length === 0 &&
  placeOf(child.attributes.get('transform')) !== null;

const RECTANGLE = /^M[-\d.,]+h[-\d.]+v[-\d.]+h[-\d.]+Z/;

const isStroke = ({ attributes }: Node): boolean =>
  !['fill', 'transform', 'fill-opacity'].some((name) => attributes.has(name)) && attributes.has('stroke');

/** Strokes, or rectangles, that differ in nothing but where they are. */
const areOnePath = (a: Node, b: Node): boolean => {
  const areBare = [a, b].every(({ tag, children }) => tag === 'path' && children.length === 0);
  const areRectangles = [a, b].every(({ attributes }) => RECTANGLE.test(attributes.get('d') ?? ''));
  return areBare && (areRectangles || [a, b].every(isStroke)) && sameBut(a, b, 'd');
};

const sameBut = (a: Node, b: Node, name: string): boolean => {
  const others = (node: Node) =>
    JSON.stringify([...node.attributes].filter(([each]) => each !== name).sort());
  return others(a) === others(b);
};

/** Rectangles of one mark lie beside each other, so that those of one look can follow each other. */
const alikeTogether = (children: readonly Child[]): Child[] => {
  const groups = new Map<string, Child[]>();
  for (const child of children) {
    const look = isNode(child)
      ? JSON.stringify([...child.attributes].filter(([name]) => name !== 'd'))
      : child;
    groups.set(look, [...(groups.get(look) ?? []), child]);
  }
  return [...groups.values()].flat();
};

const pathsTogether = (children: readonly Child[]): Child[] => {
  const joined: Child[] = [];
  for (const child of children) {
    const last = joined.at(-1);
    if (last !== undefined && isNode(last) && isNode(child) && areOnePath(last, child))
      last.attributes.set('d', `${last.attributes.get('d')}${child.attributes.get('d')}`);
    else joined.push(child);
  }
  return joined;
};

/** What a child has from its group, unless it says otherwise. */
const INHERITED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'fill-opacity',
  'font-size',
  'font-weight',
  'text-anchor',
];

/** Marks in a row that have an ink in common are a group that has it. */
const byInk = (children: readonly Child[]): Child[] => {
  const grouped: Child[] = [];
  let run: Node[] = [];
  const flush = () => {
    const alike = run.length > 1 ? saidAlike(run) : new Map<string, string>();
    if (alike.size === 0) grouped.push(...run);
    else grouped.push(withoutThese({ tag: 'g', attributes: alike, children: run }));
    run = [];
  };
  const inkOf = ({ attributes }: Node) => `${attributes.get('fill')} ${attributes.get('stroke')}`;
  for (const child of children) {
    if (!isNode(child)) {
      flush();
      grouped.push(child);
      continue;
    }
    if (run[0] && inkOf(run[0]) !== inkOf(child)) flush();
    run.push(child);
  }
  flush();
  return grouped;
};

const saidAlike = (nodes: readonly Node[]): Map<string, string> => {
  const [first] = nodes;
  return new Map(
    [...(first?.attributes ?? [])].filter(
      ([name, value]) =>
        INHERITED.includes(name) && nodes.every(({ attributes }) => attributes.get(name) === value),
    ),
  );
};

/** A group whose children need not say what it says. */
const withoutThese = (group: Node): Node => {
  for (const child of group.children)
    if (isNode(child))
      for (const name of group.attributes.keys()) if (INHERITED.includes(name)) child.attributes.delete(name);
  return group;
};

const saidOnce = (group: Node): Node => {
  const nodes = group.children.filter(isNode);
  const alike = nodes.length > 1 ? saidAlike(nodes) : new Map<string, string>();
  for (const [name, value] of alike) group.attributes.set(name, value);
  if (alike.size > 0)
    for (const { attributes } of nodes) for (const name of alike.keys()) attributes.delete(name);
  group.children = byInk(group.children);
  return group;
};

/** A node as it is to stand in its parent: nothing, itself, or what it has within. */
const lean = (node: Node, shapes: Map<string, string>): Child[] => {
  const name = node.attributes.get('class') ?? '';
  if (name === 'background' || name === 'foreground') return [];
  if (node.tag === 'path' && node.attributes.has('aria-label')) return [asPoint(node, shapes)];
  const attributes = cleaned(node.attributes);
  // A label of an axis for which there is no room.
  if (node.tag === 'text' && attributes.get('opacity') === '0') return [];
  if (node.tag === 'line') return [asPath({ ...node, attributes })];
  if (node.tag === 'text') return [inPlace({ ...node, attributes })];
  if (node.tag !== 'g') return [{ ...node, attributes }];
  const within = node.children.flatMap((child) => (isNode(child) ? lean(child, shapes) : [child]));
  if (within.length === 0) return [];
  const areDots = name.startsWith('mark-symbol') && within.every(isDot);
  const marks = areDots ? dotsTogether(within.filter(isDot)) : within;
  const children = pathsTogether(name.startsWith('mark-rect') ? alikeTogether(marks) : marks);
  if (attributes.size === 0 && !areAlike(children)) return byInk(children);
  return [saidOnce({ tag: 'g', attributes, children })];
};

const areAlike = (children: readonly Child[]): boolean => {
  const nodes = children.filter(isNode);
  return nodes.length > 1 && nodes.length === children.length && saidAlike(nodes).size > 0;
};

/** The whole picture, with the shapes of its signs at its beginning. */
export const leanSvg = (svg: string): string => {
  const { children } = parse(svg);
  const shapes = new Map<string, string>();
  const within = children.flatMap((child) => (isNode(child) ? lean(child, shapes) : [child]));
  const signs = [...shapes].map(([id, d]) => `<path id="${id}" d="${shortPath(d)}"/>`).join('');
  const [head = ''] = /^<svg[^>]*>/.exec(svg) ?? [];
  return `${head}${signs && `<defs>${signs}</defs>`}${within.map(serialise).join('')}</svg>`;
};

const SIGN = /<path id="(s[0-9a-f]{4})" d="([^"]*)"\/>/g;

/** A page has each shape once, by a short name, however many of its pictures use it. @throws RangeError where two have one name */
export const signsOnce = (html: string): string => {
  const known = new Map<string, string>();
  const once = html
    .replace(SIGN, (sign, id: string, d: string) => {
      const before = known.get(id);
      if (before === undefined) known.set(id, d);
      else if (before !== d) throw new RangeError(`two shapes are called ${id}`);
      return before === undefined ? sign : '';
    })
    .replaceAll('<defs></defs>', '');
  const names = new Map([...known.keys()].map((id, at) => [id, `s${at}`]));
  return once.replace(/(<path id="|<use href="#)(s[0-9a-f]{4})"/g, (whole, before: string, id: string) =>
    names.has(id) ? `${before}${names.get(id)}"` : whole,
  );
};
