import { isCheckout } from './invocation.js';
import { packageManager } from './rights.js';
import type { User } from './user.js';

/** Commands that give this user what is missing: what doctor shows, and what a run's warnings advise. */

/** No experiment uses more fds than this. */
export const MOST_USEFUL_FDS = 2 ** 15;

/** With `sudo` where the user is not root already. */
export const asRoot = (command: string, { root }: Pick<User, 'root'>): string =>
  root ? command : `sudo ${command}`;

/** Whether somebody lowered the limit on fds after this system or container had started. */
export const isLowered = ({ fdLimit, firstFdLimit }: User): boolean =>
  fdLimit !== null && firstFdLimit !== null && fdLimit < firstFdLimit;

/** Raises the limit on fds of the shell that it is typed into, or of the container; null where nothing here can. */
export function raiseFdLimit(machine: User): string | null {
  const fds = MOST_USEFUL_FDS;
  if (machine.mayRaiseLimits) return `ulimit -n ${fds}`;
  // Another shell in the same container starts from the container's own limit.
  if (machine.container && isLowered(machine)) return 'docker exec -it CONTAINER sh';
  if (machine.container) return `docker run --ulimit nofile=${fds}:${fds} ...`;
  return machine.root ? null : `sudo prlimit --pid $$ --nofile=${fds}:${fds}`;
}

const MANAGERS = {
  'apt-get': 'apt-get install',
  dnf: 'dnf install',
  apk: 'apk add',
  pacman: 'pacman -S',
  zypper: 'zypper install',
} as const;

type Manager = keyof typeof MANAGERS;

/** What is called differently on each distribution: a C compiler with the C library's headers, and what we compare with. */
const PACKAGES = {
  compiler: {
    'apt-get': 'gcc libc6-dev',
    dnf: 'gcc glibc-devel',
    apk: 'gcc musl-dev',
    pacman: 'gcc',
    zypper: 'gcc glibc-devel',
  },
  tornado: {
    'apt-get': 'python3-tornado',
    dnf: 'python3-tornado',
    apk: 'py3-tornado',
    pacman: 'python-tornado',
    zypper: 'python3-tornado',
  },
  twisted: {
    'apt-get': 'python3-twisted',
    dnf: 'python3-twisted',
    apk: 'py3-twisted',
    pacman: 'python-twisted',
    zypper: 'python3-Twisted',
  },
  libevent: {
    'apt-get': 'libevent-dev',
    dnf: 'libevent-devel',
    apk: 'libevent-dev',
    pacman: 'libevent',
    zypper: 'libevent-devel',
  },
} as const satisfies Record<string, Record<Manager, string>>;

/** Installs something; null on a distribution that is not known here. */
export function install(
  what: keyof typeof PACKAGES,
  machine: Pick<User, 'root'>,
  manager: Manager | null = packageManager(),
): string | null {
  return manager && asRoot(`${MANAGERS[manager]} ${PACKAGES[what][manager]}`, machine);
}

export const isOutOfFds = (reason: string): boolean => /EMFILE|too many open files/i.test(reason);

/** What an error message of a program that does not start asks for; null where it does not say. */
export function remedyFor(reason: string, machine: User): string | null {
  if (isOutOfFds(reason)) return raiseFdLimit(machine);
  if (/koffi|cannot find (module|package)/i.test(reason)) return isCheckout() ? 'npm ci' : 'npm install';
  if (/mkdtemp|failed to map segment|no space left|read-only file system/i.test(reason))
    return 'export TMPDIR="$HOME"';
  return null;
}

/** What would make the C twin: the one place that bench and doctor ask. Null where no command is known. */
export function remedyForTwin(reason: string, machine: User): string | null {
  return remedyFor(reason, machine) ?? (process.env.CC ? 'unset CC' : install('compiler', machine));
}
