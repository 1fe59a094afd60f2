import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { DamagedFile, parseChecked } from './damage.js';
import { type Run, runSchema, SCHEMA_VERSION } from './run-schema.js';
import { type SampleLine, sampleLineSchema } from './samples-schema.js';
import { writeWhole } from './write-whole.js';

/** The folder of one run. Whatever moment the program ends at, both files can be read afterwards. */

const RUN_FILE = 'run.json';
const SAMPLES_FILE = 'samples.ndjson';

/** The output folder cannot take a new run. */
export class UnusableFolder extends Error {
  override readonly name = 'UnusableFolder';
}

/** Makes the folder of a new run. @throws UnusableFolder when it holds a run, is a file or cannot be written */
export function createRunFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unusable(folder, error as NodeJS.ErrnoException);
  }
  for (const file of [RUN_FILE, SAMPLES_FILE]) {
    if (existsSync(join(folder, file))) {
      throw new UnusableFolder(
        `${folder} already holds a run; choose another --out, or go on with it: --resume ${folder}`,
      );
    }
  }
  try {
    closeSync(openSync(join(folder, SAMPLES_FILE), 'wx'));
  } catch (error) {
    throw unusable(folder, error as NodeJS.ErrnoException);
  }
}

function unusable(folder: string, { code, message }: NodeJS.ErrnoException): UnusableFolder {
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new UnusableFolder(`${folder} is not a folder, or lies below a file; choose another --out`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UnusableFolder(`${folder} cannot be written (${code}); choose another --out`);
  }
  return new UnusableFolder(`${folder} cannot be made: ${message}; choose another --out`);
}

/** Writes run.json whole: a reader sees the old one or the new one. */
export function writeRun(folder: string, run: Run): void {
  writeWhole(join(folder, RUN_FILE), `${JSON.stringify(runSchema.parse(run), null, 1)}\n`);
}

/** Reads run.json. A `running` one whose process is gone reads as interrupted. @throws DamagedFile */
export function readRun(folder: string): Run {
  const path = join(folder, RUN_FILE);
  const text = readText(path, folder);
  const version = versionIn(text);
  if (version !== undefined && version > SCHEMA_VERSION) {
    throw new DamagedFile(
      path,
      `schemaVersion: ${version} is newer than ${SCHEMA_VERSION}, the one this program knows; use a newer pollcost`,
    );
  }
  const run = parseChecked(runSchema, text, path);
  return run.status === 'running' && !isAlive(run.pid) ? { ...run, status: 'interrupted' } : run;
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
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new DamagedFile(folder, 'holds no run (no run.json)');
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

/** What samples.ndjson holds. An unfinished last line is left out; any other damage is an error. @throws DamagedFile */
export function readSamples(folder: string): { lines: SampleLine[]; intactBytes: number } {
  const path = join(folder, SAMPLES_FILE);
  const text = readText(path, folder);
  const end = text.lastIndexOf('\n') + 1;
  const lines = text
    .slice(0, end)
    .split('\n')
    .slice(0, -1)
    .map((line, index) => parseChecked(sampleLineSchema, line, path, `line ${index + 1}: `));
  return { lines, intactBytes: Buffer.byteLength(text.slice(0, end)) };
}

/** Lets `latest` beside the run folders point to this one. */
export function linkLatest(results: string, folder: string): void {
  mkdirSync(results, { recursive: true });
  const link = join(results, 'latest');
  const fresh = join(results, `.latest-${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(relative(resolve(results), resolve(folder)) || '.', fresh);
  renameSync(fresh, link);
}
