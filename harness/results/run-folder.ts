import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { infer as Infer } from 'zod';
import { DamagedFile, parseChecked } from './damage.js';
import { holdFolder, isHeld } from './run-lock.js';
import { pollerSchema, type Run, runSchema, SCHEMA_VERSION } from './run-schema.js';
import { type SampleLine, sampleLineSchema } from './samples-schema.js';
import { withoutPathsIn } from './without-paths.js';
import { writeWhole } from './write-whole.js';
import { z } from './zod.js';

/** The folder of one run. Whatever moment the program ends at, both files can be read afterwards. */

const RUN_FILE = 'run.json';
const SAMPLES_FILE = 'samples.ndjson';
const REQUEST_FILE = 'request.json';

/** The output folder cannot take a run: nothing was written. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
}

/**
 * Makes the folder of a new run, for this process alone. @throws UnusableFolder when it holds a run, is another
 * process's or a file, or cannot be written
 */
export function createRunFolder(folder: string): void {
  try {
    // First, because mkdir's own error on a read-only file system is ENOENT.
    accessSync(nearestExisting(resolve(folder)), constants.W_OK);
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unusable(folder, error as NodeJS.ErrnoException, 'choose another --out');
  }
  requireEmpty(folder);
  hold(folder, 'choose another --out');
  // Another process may have had it in between.
  requireEmpty(folder);
}

function requireEmpty(folder: string): void {
  if (!existsSync(join(folder, RUN_FILE)) && sizeOf(join(folder, SAMPLES_FILE)) === 0) return;
  throw new UnusableFolder(
    `${folder} already holds a run; choose another --out, or go on with it: --resume ${folder}`,
  );
}

function hold(folder: string, advice: string): void {
  let holder: ReturnType<typeof holdFolder>;
  try {
    holder = holdFolder(folder);
  } catch (error) {
    throw unusable(folder, error as NodeJS.ErrnoException, advice);
  }
  if (holder === null) return;
  throw new UnusableFolder(`${folder} is still running as process ${holder.pid}; wait for it, or ${advice}`);
}

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)));

/**
 * Takes the folder whose run is to go on for this process alone. @throws UnusableFolder when it is another process's or
 * cannot be written
 */
export function takeRunFolder(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const advice = 'make it writable, or copy it and resume the copy';
    throw unusable(folder, error as NodeJS.ErrnoException, advice);
  }
  hold(folder, 'end that process first');
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function unusable(folder: string, { code, message }: NodeJS.ErrnoException, advice: string): UnusableFolder {
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new UnusableFolder(`${folder} is not a folder, or lies below a file; ${advice}`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UnusableFolder(`${folder} cannot be written (${code}); ${advice}`);
  }
  return new UnusableFolder(`${folder} cannot be made: ${message}; ${advice}`);
}

/** Writes run.json whole: a reader sees the old one or the new one. Nothing in it says where it was written. */
export function writeRun(folder: string, run: Run): void {
  const text = JSON.stringify(withoutPathsIn(runSchema.parse(run)), null, 1);
  writeWhole(join(folder, RUN_FILE), `${text}\n`);
}

/** Reads run.json. A `running` one whose process is gone reads as interrupted. @throws DamagedFile */
export function readRun(folder: string): Run {
  const path = join(folder, RUN_FILE);
  const text = readText(path, folder);
  refuseOtherVersion(path, versionIn(text));
  const run = parseChecked(runSchema, text, path);
  if (run.status !== 'running') return run;
  return (isHeld(folder) ?? isAlive(run.pid)) ? run : { ...run, status: 'interrupted' };
}

/** The last release that reads the runs of an earlier schema. */
const READ_BY: Readonly<Record<number, string>> = { 1: '0.1.0' };

function refuseOtherVersion(path: string, version: number | undefined): void {
  if (version === undefined || version === SCHEMA_VERSION) return;
  const release = READ_BY[version];
  if (release !== undefined) {
    throw new DamagedFile(
      path,
      `schemaVersion: ${version} is read by pollcost ${release}; use that release, or measure again with this one`,
    );
  }
  if (version < SCHEMA_VERSION) return;
  throw new DamagedFile(
    path,
    `schemaVersion: ${version} is newer than ${SCHEMA_VERSION}, the one this program knows; use a newer pollcost`,
  );
}

function versionIn(text: string): number | undefined {
  const found = /"schemaVersion"\s*:\s*(\d+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function readText(path: string, folder: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new DamagedFile(folder, `holds no run (no ${basename(path)})`);
    }
    throw new DamagedFile(path, `cannot be read (${code})`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Appends to samples.ndjson; each call's lines reach the file in one write. */
export class SampleWriter {
  readonly #fd: number;

  constructor(folder: string) {
    this.#fd = openSync(join(folder, SAMPLES_FILE), 'a');
  }

  append(lines: readonly SampleLine[]): void {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * What samples.ndjson holds; nothing where it was not begun. An unfinished last line is left out; any other damage is
 * an error. `finishedBytes` is the length up to the last finished round. @throws DamagedFile
 */
export function readSamples(folder: string): { lines: SampleLine[]; finishedBytes: number } {
  const path = join(folder, SAMPLES_FILE);
  if (sizeOf(path) === 0) return { lines: [], finishedBytes: 0 };
  const text = readText(path, folder);
  const lines: SampleLine[] = [];
  let bytes = 0;
  let finishedBytes = 0;
  // What follows the last line break is not finished.
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const parsed = parseChecked(sampleLineSchema, line, path, `line ${index + 1}: `);
    lines.push(parsed);
    bytes += Buffer.byteLength(line) + 1;
    if (parsed.kind === 'run' || parsed.kind === 'round') finishedBytes = bytes;
  }
  return { lines, finishedBytes };
}

/** Cuts samples.ndjson off behind its last finished round, so that the next one can be appended. */
export function cutSamples(folder: string, finishedBytes: number): void {
  if (sizeOf(join(folder, SAMPLES_FILE)) > finishedBytes)
    truncateSync(join(folder, SAMPLES_FILE), finishedBytes);
}

/** What was asked for, beside the run's own files: what `--resume` needs to make the same plan again. */
export const requestSchema = z.strictObject({
  pollers: z.array(pollerSchema),
  connections: z.array(z.int().positive()).nullable(),
});
export type StoredRequest = Infer<typeof requestSchema>;

export const writeRequest = (folder: string, request: StoredRequest): void =>
  writeWhole(join(folder, REQUEST_FILE), `${JSON.stringify(requestSchema.parse(request))}\n`);

/** @throws DamagedFile */
export const readRequest = (folder: string): StoredRequest =>
  parseChecked(requestSchema, readText(join(folder, REQUEST_FILE), folder), join(folder, REQUEST_FILE));

/** Lets `latest` beside the run folders point to this one; leaves nothing else behind where that cannot be. */
export function linkLatest(results: string, folder: string): void {
  mkdirSync(results, { recursive: true });
  const fresh = join(results, `.latest-${randomBytes(4).toString('hex')}`);
  symlinkSync(relative(resolve(results), resolve(folder)) || '.', fresh);
  try {
    renameSync(fresh, join(results, 'latest'));
  } catch (error) {
    rmSync(fresh);
    throw error;
  }
}
