import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

/**
 * Every constant of this folder, and of what it shares with other systems, against the headers of the C library and the kernel, for each architecture and library whose
 * compiler is installed. Nothing runs but the compiler: a constant that differs fails an assertion of C's own.
 */

/** Linux's own, and what it has in common with others. */
const FOLDERS = ['.', '..'].map((path) => fileURLToPath(new URL(`${path}/`, import.meta.url)));

/** What has another name in C. */
const IN_C: Readonly<Record<string, string>> = {
  WOULD_BLOCK: '-1',
  ...{ SETUP: '__NR_io_uring_setup', ENTER: '__NR_io_uring_enter' },
  ...{ SCHED_SETATTR: '__NR_sched_setattr', SCHED_GETATTR: '__NR_sched_getattr' },
  UNSEEN_COMPLETIONS: 'IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN',
  ...{ PROT_READ_WRITE: 'PROT_READ | PROT_WRITE', MAP_SHARED_POPULATE: 'MAP_SHARED | MAP_POPULATE' },
  ...{ SQE_BYTES: 'sizeof(struct io_uring_sqe)', SQE_WORDS: 'sizeof(struct io_uring_sqe) / 4' },
  ...{ CQE_BYTES: 'sizeof(struct io_uring_cqe)', CQE_WORDS: 'sizeof(struct io_uring_cqe) / 4' },
  PARAMS_BYTES: 'sizeof(struct io_uring_params)',
  EXTRA_BYTES: 'sizeof(struct io_uring_getevents_arg)',
  POLLFD_BYTES: 'sizeof(struct pollfd)',
  EPOLL_EVENT_BYTES: 'sizeof(struct epoll_event)',
  EPOLL_DATA_OFFSET: 'offsetof(struct epoll_event, data)',
  TIMEVAL_BYTES: 'sizeof(struct timeval)',
  FD_SET_WORD_BITS: '8 * sizeof(long)',
  CPU_MASK_WORD_BITS: '8 * sizeof(long)',
  SIG_IGN: '(long)SIG_IGN',
  RTLD_DEFAULT: '(long)RTLD_DEFAULT',
  // musl's has room for more behind them, which no kernel fills.
  RUSAGE_BYTES: 'offsetof(struct rusage, ru_nivcsw) + sizeof(long)',
  VOLUNTARY_SWITCHES_WORD: 'offsetof(struct rusage, ru_nvcsw) / 8',
  LOOPBACK: 'INADDR_LOOPBACK',
  SOCKADDR_IN_BYTES: 'sizeof(struct sockaddr_in)',
  ITIMERSPEC_BYTES: 'sizeof(struct itimerspec)',
  VALUE_WORD: 'offsetof(struct itimerspec, it_value) / 4',
};
/** Choices of ours, and what no header tells, or one that has another `struct sched_param` than the C library. */
const OURS = new Set([
  ...['MOST_ENTRIES', 'OLDEST_FEATURES', 'MOST_TRIES', 'REAL_TIME_PRIORITIES'],
  ...['SHORTEST_SLICE_NS', 'SCHED_ATTR_BYTES', 'SLICE_WORD'],
]);
/** Where structs of ours name offsets, in words. */
const OFFSETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PARAMS: {
    ...{ sqEntries: 'struct io_uring_params, sq_entries', cqEntries: 'struct io_uring_params, cq_entries' },
    ...{ flags: 'struct io_uring_params, flags', features: 'struct io_uring_params, features' },
    ...{ sqOffsets: 'struct io_uring_params, sq_off', cqOffsets: 'struct io_uring_params, cq_off' },
  },
  SQ: {
    ...{ head: 'struct io_sqring_offsets, head', tail: 'struct io_sqring_offsets, tail' },
    ...{ flags: 'struct io_sqring_offsets, flags', array: 'struct io_sqring_offsets, array' },
  },
  CQ: {
    ...{ head: 'struct io_cqring_offsets, head', tail: 'struct io_cqring_offsets, tail' },
    cqes: 'struct io_cqring_offsets, cqes',
  },
};
/** Those that older kernels' headers may not know. */
const MAY_BE_NEWER = /^(IORING_|IOSQE_)/;

const INCLUDES = `dlfcn.h fcntl.h netinet/in.h netinet/tcp.h poll.h pthread.h sched.h signal.h stddef.h sys/epoll.h sys/file.h
sys/mman.h sys/prctl.h sys/resource.h sys/select.h sys/socket.h sys/syscall.h sys/time.h sys/timerfd.h time.h linux/io_uring.h`;

type Architecture = 'x64' | 'arm64';

interface Constant {
  readonly name: string;
  readonly inC: string;
  readonly value: number;
}

/** The constants of each module, as they are where `process.arch` is this one. */
function constantsOn(arch: Architecture): Constant[] {
  const modules = FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => `${folder}${name}`)).filter(
    (name) => name.endsWith('.js') && !name.endsWith('.test.js'),
  );
  return modules.flatMap((name) => {
    const text = readFileSync(name, 'utf8');
    const known: Record<string, unknown> = { process: { arch } };
    const found = text.matchAll(
      /^(?:export )?const ([A-Z][A-Z0-9_]*) = ((?:[\w\s.|<>+*/?:'=-]|\{[^{}]*\})+);/gm,
    );
    return [...found].flatMap(([, constant = '', expression = '']) => {
      const value: unknown = runInNewContext(`(${expression})`, known);
      known[constant] = value;
      return inC(constant, value);
    });
  });
}

function inC(name: string, value: unknown): Constant[] {
  if (OURS.has(name)) return [];
  if (typeof value === 'number') return [{ name, inC: IN_C[name] ?? name, value }];
  const fields = OFFSETS[name];
  assert.ok(fields, `${name} is neither a number nor known to this test`);
  return Object.entries(value as Record<string, number>).map(([field, words]) => {
    assert.ok(fields[field], `${name}.${field} is not known to this test`);
    return { name: `${name}_${field}`, inC: `offsetof(${fields[field]}) / 4`, value: words };
  });
}

const programOf = (constants: readonly Constant[]): string =>
  [
    '#define _GNU_SOURCE',
    ...INCLUDES.split(/\s+/).map((header) => `#include <${header}>`),
    // Each in a function of its own: an error names it, and the others are still looked at.
    ...constants.map(
      ({ name, inC: expression, value }, index) =>
        `void of_${index}(void) { _Static_assert((unsigned)(${expression}) == (unsigned)(${value}L), "${name} is not ${value}"); }`,
    ),
  ].join('\n');

/** What the compiler objects to, and which names its headers do not know. */
function objections(command: readonly string[], constants: readonly Constant[]) {
  const [compiler = '', ...options] = command;
  const { status, stderr, error } = spawnSync(compiler, [...options, '-fsyntax-only', '-x', 'c', '-'], {
    input: programOf(constants),
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error) return null;
  const unknown = [...stderr.matchAll(/error: '(\w+)' undeclared/g)].map(([, name = '']) => name);
  const wrong = stderr
    .split('\n')
    .filter(
      (line) => line.includes('error:') && !MAY_BE_NEWER.test(/'(\w+)' undeclared/.exec(line)?.[1] ?? ''),
    );
  return { status, wrong, unknown: unknown.filter((name) => MAY_BE_NEWER.test(name)) };
}

const KERNEL_OF_X64 = ['-idirafter', '/usr/include', '-idirafter', '/usr/include/x86_64-linux-gnu'];
const COMPILERS: readonly {
  what: string;
  arch: Architecture;
  command: readonly string[];
  package: string;
}[] = [
  ...(process.arch === 'x64' || process.arch === 'arm64'
    ? [{ what: 'this system', arch: process.arch, command: ['cc'], package: 'gcc and libc6-dev' } as const]
    : []),
  {
    what: 'arm64 with glibc',
    arch: 'arm64',
    command: ['aarch64-linux-gnu-gcc'],
    package: 'gcc-aarch64-linux-gnu and libc6-dev-arm64-cross',
  },
  { what: 'x64 with glibc', arch: 'x64', command: ['x86_64-linux-gnu-gcc'], package: 'gcc-x86-64-linux-gnu' },
  { what: 'x64 with musl', arch: 'x64', command: ['musl-gcc', ...KERNEL_OF_X64], package: 'musl-tools' },
];

for (const { what, arch, command, package: name } of COMPILERS) {
  test(`every constant of libc/linux is that of the headers: ${what}`, (t) => {
    if (command[0] === 'musl-gcc' && process.arch !== arch)
      return void t.skip(`musl-gcc makes code for ${process.arch} here`);
    const constants = constantsOn(arch);
    assert.ok(constants.length > 90, `${constants.length} constants were found`);
    const found = objections(command, constants);
    if (found === null) return void t.skip(`there is no ${command[0]} (Debian: ${name})`);
    if (found.unknown.length > 0) t.diagnostic(`not in these headers: ${found.unknown.join(', ')}`);
    assert.deepEqual(found.wrong, []);
  });
}

test('a constant that differs is found, by its name', (t) => {
  const found = objections(['cc'], [{ name: 'O_CLOEXEC', inC: 'O_CLOEXEC', value: 0o4000 }]);
  if (found === null) return void t.skip('there is no cc');
  assert.match(found.wrong.join(), /O_CLOEXEC is not 2048/);
  assert.notEqual(found.status, 0);
});
