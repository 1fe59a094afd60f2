import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DamagedFile, parseChecked } from './damage.js';
import { readRequest, readRun, readSamples, requestSchema } from './run-folder.js';
import { runSchema } from './run-schema.js';
import { type SampleLine, sampleLineSchema } from './samples-schema.js';
import { withoutPathsIn } from './without-paths.js';
import { z } from './zod.js';

/**
 * A run as one file, to be sent to others: gzip'd lines of JSON. The first holds the run, with every figure that was made of
 * its samples, and says how many of these follow; the others are lines of samples.ndjson.
 */

export const MOST_BYTES = 5 * 2 ** 20;

const headSchema = z.strictObject({
  kind: z.literal('packed'),
  /** Of each launch of each experiment every nth round, from the first on; 1: all. */
  everyRound: z.int().positive(),
  run: runSchema,
  /** Absent where rounds are: such a run cannot be gone on with. */
  request: requestSchema.optional(),
});

export interface PackedRun {
  readonly bytes: Buffer;
  readonly everyRound: number;
}

/**
 * Packs a run. Its samples are thinned until the file is small enough, unless all are asked for: of each launch of each
 * experiment every second round stays, every fourth, and so on. @throws DamagedFile
 */
export function packRun(folder: string, withAllSamples = false): PackedRun {
  const run = withoutPathsIn(readRun(folder));
  const { lines } = readSamples(folder);
  for (let everyRound = 1; ; everyRound *= 2) {
    const request = everyRound === 1 ? { request: readRequest(folder) } : {};
    const head = { kind: 'packed', everyRound, run, ...request };
    const kept = lines.filter((line) => line.kind === 'run' || line.round % everyRound === 0);
    const text = [head, ...kept].map((line) => `${JSON.stringify(line)}\n`).join('');
    const bytes = gzipSync(text);
    const isLast = kept.every((line) => line.kind === 'run' || line.round === 0);
    if (withAllSamples || bytes.length < MOST_BYTES || isLast) return { bytes, everyRound };
  }
}

/**
 * Makes a run folder of the file, below `results`, under the run's id; one that is there already stays as it is.
 * @returns the folder. @throws DamagedFile
 */
export function unpackRun(file: string, results: string): string {
  const { run, request, lines } = read(file);
  const folder = join(results, run.id);
  if (existsSync(folder)) {
    if (readRun(folder).id === run.id) return folder;
    throw new DamagedFile(file, `${folder} holds another run; move it away`);
  }
  const fresh = `${folder}.tmp`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'run.json'), `${JSON.stringify(run, null, 1)}\n`);
  writeFileSync(join(fresh, 'samples.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if (request) writeFileSync(join(fresh, 'request.json'), `${JSON.stringify(request)}\n`);
  renameSync(fresh, folder);
  return folder;
}

function read(file: string) {
  const [first = '', ...rest] = textOf(file).split('\n').slice(0, -1);
  const head = parseChecked(headSchema, first, file, 'line 1: ');
  const lines: SampleLine[] = rest.map((line, index) =>
    parseChecked(sampleLineSchema, line, file, `line ${index + 2}: `),
  );
  return { ...head, lines };
}

function textOf(file: string): string {
  try {
    return gunzipSync(readFileSync(file)).toString('utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isOfData = code?.startsWith('Z_') ?? false;
    throw new DamagedFile(file, isOfData ? `is no packed run: ${message}` : `cannot be read (${code})`);
  }
}
