import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { infer as Infer } from 'zod';
import { z } from './zod.js';

/**
 * Who may write to a run folder: one process at a time. Its lock is flock(2) on the file `lock`, which the kernel takes
 * back when the process ends, however it ends and in whatever namespace. Where no flock(1) is there to ask for it, the
 * processes that the file names are looked up. The file stays: two could take the place of one that was removed.
 */

const LOCK_FILE = 'lock';

/** A process, told from every other one, also from one that got its pid later. */
const holderSchema = z.strictObject({
  pid: z.int().positive(),
  /** Since the boot. */
  startTicks: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
  /** Device and inode of the file that it stands in: in a copy of the folder nobody holds anything. */
  file: z.string(),
});
export type Holder = Infer<typeof holderSchema>;

/** The folder is this process's until it ends, and null is returned; or it is the other one's that is returned. */
export function holdFolder(folder: string): Pick<Holder, 'pid'> | null {
  const fd = openSync(join(folder, LOCK_FILE), 'a+');
  const isGranted = askPatiently(fd);
  const other = inTheWay(fd, isGranted);
  if (other !== undefined || isGranted === false) {
    closeSync(fd);
    return other ?? { pid: 0 };
  }
  const self = thisProcess(fd);
  // A line break first: who wrote before may have been killed within its line.
  writeSync(fd, `\n${JSON.stringify(self)}\n`);
  if (isGranted) return null;
  // Appending puts those who ask at once in an order: the first of them has it.
  const first = inTheWay(fd, isGranted);
  return first === undefined || JSON.stringify(first) === JSON.stringify(self) ? null : first;
}

/** Whether a process has the folder; null where none ever took it. */
export function isHeld(folder: string): boolean | null {
  let fd: number;
  try {
    fd = openSync(join(folder, LOCK_FILE), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const isGranted = ask(fd, '-s');
    return isGranted === false || inTheWay(fd, isGranted) !== undefined;
  } finally {
    closeSync(fd);
  }
}

/** Asks the kernel for the lock on an open file, which is then this process's; null: there is no flock(1) here. */
function ask(fd: number, kind: '-s' | '-x'): boolean | null {
  const { status } = spawnSync('flock', ['-n', kind, '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  return status === 0 ? true : status === 1 ? false : null;
}

/** Whoever reads a run has the lock, too, for some milliseconds. */
function askPatiently(fd: number): boolean | null {
  for (let tries = 1; ; tries++) {
    const isGranted = ask(fd, '-x');
    if (isGranted !== false || tries === 5) return isGranted;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

/** The first process in the file that may still be there; of all that are surely gone none. */
function inTheWay(fd: number, isGranted: boolean | null): Holder | undefined {
  const self = thisProcess(fd);
  const holders = textOf(fd)
    .split('\n')
    .flatMap((line) => holderIn(line))
    .filter(({ file }) => file === self.file);
  // Whom the kernel refused, it refused for the last one that it did not.
  if (isGranted === false) return holders.at(-1);
  return holders.find(({ pid, startTicks, boot, pidNamespace }) => {
    if (boot !== self.boot) return false;
    if (pidNamespace === self.pidNamespace) return startTicksOf(String(pid)) === startTicks;
    // It cannot be seen from here: the kernel's word counts, or the worse must be taken.
    return isGranted === null;
  });
}

function holderIn(line: string): Holder[] {
  try {
    return [holderSchema.parse(JSON.parse(line))];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  }
}

const thisProcess = (fd: number): Holder => ({
  pid: process.pid,
  startTicks: startTicksOf('self') ?? '',
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  pidNamespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  file: fileOf(fd),
});

function fileOf(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}

/** From its beginning, wherever the fd has read to. */
function textOf(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString('utf8', 0, length);
}

/** When a process started; null once it is gone, and also before its parent has taken note of that. */
function startTicksOf(pid: string): string | null {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name before may hold anything, also spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
}

/** What this system does not show is empty. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return '';
  }
}
