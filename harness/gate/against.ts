import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seedFrom } from '../statistics/random.js';
import {
  type BenchOrder,
  BenchVersion,
  FORMS,
  forCells,
  isFile,
  launchFormOf,
  OF_CELLS,
  SHORT,
  WHOLE_RUN,
} from './bench-version.js';
import { buildTree } from './build.js';
import { CommandVersion } from './command-version.js';
import type { Figure } from './figures.js';
import type { Side } from './gate-schema.js';
import { GateInputError } from './input-error.js';
import { commitOf, type Repository } from './repository.js';
import { whyNotCounted } from './syscalls.js';
import type { Version } from './version.js';
import { addWorktree, removePlace } from './worktree.js';

/** What is launched of either version. */
export type Subject =
  | {
      readonly kind: 'pollers';
      readonly order: BenchOrder;
      /** Whether a figure may fail the gate. */
      decides(figure: Figure): boolean;
    }
  | { readonly kind: 'command'; readonly command: string; readonly connections: number };

export interface Versions {
  readonly reference: Version;
  readonly current: Version;
  readonly notes: readonly string[];
  /** Takes away what was made for them. */
  dispose(): void;
}

/** This program, as it is installed, and what of it was built. */
export const PACKAGE_ROOT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
export const BUILT = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));
export const MAIN = 'dist/harness/cli/main.js';
/** What makes a version of pollcost from its sources, in all of its history. */
const BUILD = 'npm run -s build';

/**
 * Makes the working tree and a commit of its repository ready to be launched in turn. Our own pollers are measured by each
 * version's own bench; a user's poller, or server, is taken from each version and measured by this one.
 *
 * @throws GateInputError for what the repository, the ref or its build do not allow
 */
export async function prepareVersions(
  repository: Repository,
  ref: string,
  subject: Subject,
  build: string | null,
  folder: string,
  stop: AbortSignal,
): Promise<Versions> {
  const commit = commitOf(repository, ref);
  const own = subject.kind === 'pollers' && !subject.order.pollers.some(isFile);
  if (own) requireOwnRepository(repository);
  const tree = addWorktree(repository.root, commit);
  const dispose = () => removePlace(repository.root, tree);
  try {
    await buildTree(tree, repository.root, own ? BUILD : build, `${ref} (${commit.slice(0, 12)})`, stop);
    const sides = sidesOf(repository, ref, commit);
    const trees = { reference: tree, current: repository.root };
    const made =
      subject.kind === 'command'
        ? ofCommand(sides, trees, subject)
        : await ofPollers(sides, trees, subject, own, folder, stop);
    return { ...made, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

interface Both<T> {
  readonly reference: T;
  readonly current: T;
}

const sidesOf = ({ head, isDirty }: Repository, ref: string, commit: string): Both<Side> => ({
  reference: { label: ref, commit, dirty: false },
  current: { label: 'the working tree', commit: head, dirty: isDirty },
});

function requireOwnRepository({ root }: Repository): void {
  if (realpathSync(root) === realpathSync(PACKAGE_ROOT)) return;
  throw new GateInputError(
    `${root} is not pollcost's own repository: name what is to be gated in it with --pollers mine=./my-poller.js or with --command "node server.js {port}"`,
  );
}

async function ofPollers(
  sides: Both<Side>,
  trees: Both<string>,
  { order, decides }: Extract<Subject, { kind: 'pollers' }>,
  own: boolean,
  folder: string,
  stop: AbortSignal,
) {
  // The present version is this very build, which a new one would not change under way.
  const mainOf = (tree: string) =>
    own && tree === trees.reference ? join(tree, MAIN) : join(BUILT, 'harness/cli/main.js');
  const orderIn = (tree: string): BenchOrder => ({
    ...order,
    pollers: order.pollers.map((poller) => located(poller, trees.current, tree)),
  });
  const labels = { reference: sides.reference.label, current: sides.current.label };
  const forms: number[] = [];
  for (const side of ['current', 'reference'] as const) {
    const tree = trees[side];
    forms.push(await launchFormOf(mainOf(tree), orderIn(tree), join(folder, side), labels[side]));
  }
  // Launches of different lengths would compare different things.
  const form = Math.max(...forms);
  const versionOf = (side: keyof Both<Side>, options: readonly string[], name: string = side) =>
    new BenchVersion(sides[side], mainOf(trees[side]), orderIn(trees[side]), join(folder, name), options);
  const short = () => versionOf('current', SHORT, 'short').launch(seedFrom('short'), stop);
  const options = form === OF_CELLS ? forCells(await short(), decides, folder) : (FORMS[form] ?? []);
  const notes = [
    ...(form < WHOLE_RUN
      ? []
      : [`${labels.reference} knows no short launches: each launch is a whole run of its bench`]),
    ...[whyNotCounted()].filter((note) => note !== null),
  ];
  return { reference: versionOf('reference', options), current: versionOf('current', options), notes };
}

/** A poller's file where it lies in another tree. @throws GateInputError where it does not */
function located(poller: string, root: string, tree: string): string {
  if (!isFile(poller)) return poller;
  const [name, file = ''] = [poller.slice(0, poller.indexOf('=')), poller.slice(poller.indexOf('=') + 1)];
  const path = resolve(file);
  const inside = relative(root, path);
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw new GateInputError(
      `${file} lies outside of the repository ${root}, so that no other version of it can be had`,
    );
  }
  const there = join(tree, inside);
  if (existsSync(there)) return `${name}=${there}`;
  throw new GateInputError(
    tree === root
      ? `there is no file ${file}`
      : `${inside} does not exist in the version that it is held against; choose a later one`,
  );
}

function ofCommand(
  sides: Both<Side>,
  trees: Both<string>,
  { command, connections }: Extract<Subject, { kind: 'command' }>,
) {
  // The command is meant for the folder in which the gate was called.
  const here = relative(trees.current, process.cwd());
  const versionOf = (side: keyof Both<Side>) =>
    new CommandVersion(sides[side], command, join(trees[side], here), connections);
  return { reference: versionOf('reference'), current: versionOf('current'), notes: [] };
}

/** Its version, for gate.json. */
export function toolOf(): string {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `pollcost ${version}`;
}
