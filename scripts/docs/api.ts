import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The API reference: what each entry of the package exports, its declaration as the compiler emits it, and its docstring as
 * text. Read from declarations, so that it says what a user's editor says.
 */

export interface Exported {
  readonly name: string;
  readonly kind: 'class' | 'interface' | 'type' | 'function' | 'const';
  /** Null where nothing was written. */
  readonly docstring: string | null;
  readonly declaration: string;
}

export const ENTRIES = {
  pollcost: 'harness/index.d.ts',
  'pollcost/poller': 'pollers/poller.d.ts',
  'pollcost/results': 'harness/results/index.d.ts',
} as const;

export interface Entry {
  /** What its module says of itself. */
  readonly intro: string;
  readonly exported: readonly Exported[];
}

/** Emits the declarations of the checkout and reads each entry. */
export function apiOf(checkout: string): Record<keyof typeof ENTRIES, Entry> {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-api-'));
  try {
    const compiler = join(checkout, 'node_modules/.bin/tsc');
    execFileSync(compiler, ['-p', 'scripts/tsconfig.types.json', '--outDir', folder], { cwd: checkout });
    const entries = Object.entries(ENTRIES).map(([entry, path]) => [entry, entryAt(join(folder, path))]);
    return Object.fromEntries(entries) as ReturnType<typeof apiOf>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const DECLARATION =
  /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n)?^export (?:declare )?(?:abstract )?(class|interface|type|function|const) (\w+)[\s\S]*?(?=^(?:\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?(?:export|import|declare)\b|(?![\s\S]))/gm;

function entryAt(path: string): Entry {
  const intro = /^\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return { intro: plain(intro), exported: exportsOf(path) };
}

/** What a module of declarations exports, through other modules, too; overloads of a function are one. */
function exportsOf(path: string): Exported[] {
  const text = readFileSync(path, 'utf8');
  const own = [...text.matchAll(DECLARATION)].map(
    ([whole, docstring, kind, name = '']): Exported => ({
      name,
      kind: kind as Exported['kind'],
      docstring: docstring === undefined ? null : plain(docstring),
      declaration: shortened(whole.slice(whole.search(/^export /m)).trim(), name),
    }),
  );
  const others = [...text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)\.js';/gm)].flatMap(
    ([, names = '', module = '']) => {
      const all = exportsOf(existing(join(dirname(path), module)));
      if (names === '*') return all;
      const wanted = names
        .slice(1, -1)
        .split(',')
        .map((name) => name.replace(/\btype\b/, '').trim());
      return wanted.filter((name) => name !== '').map((name) => named(all, name, module));
    },
  );
  return [...others, ...own];
}

function existing(module: string): string {
  const path = `${module}.d.ts`;
  if (existsSync(path)) return path;
  throw new Error(`${path} is exported from and was not emitted`);
}

function named(all: readonly Exported[], name: string, module: string): Exported {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${module} exports no ${name} that can be read`);
  return found;
}

const plain = (docstring: string): string =>
  docstring
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();

/** What a schema of zod's consists of stands in the type that is made of it. */
const shortened = (declaration: string, name: string): string =>
  declaration.includes('import("zod")')
    ? `export declare const ${name}: /* a schema of zod's */;`
    : declaration;

/** One page in Markdown. */
export function pageOf(entry: string, { intro, exported }: Entry): string {
  const seen = new Map<string, Exported[]>();
  for (const each of exported) seen.set(each.name, [...(seen.get(each.name) ?? []), each]);
  const parts = [...seen].sort(([a], [b]) => a.localeCompare(b)).map(([name, all]) => sectionOf(name, all));
  return `# ${entry}\n\nMade from the docstrings by \`npm run docs:api\`.\n\n${intro.replaceAll(/^# /gm, '### ')}\n\n${parts.join('\n')}`;
}

function sectionOf(name: string, all: readonly Exported[]): string {
  const docstring = all.find((each) => each.docstring !== null)?.docstring;
  const declarations = all.map(({ declaration }) => declaration).join('\n');
  const said = docstring ? `${docstring.replaceAll(/@(throws|returns)\b/g, '**$1**')}\n\n` : '';
  return `## ${name}\n${said}\`\`\`ts\n${declarations}\n\`\`\`\n`;
}
