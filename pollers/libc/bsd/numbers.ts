/** Where macOS and FreeBSD have other numbers than Linux, and than each other. */
interface Numbers {
  readonly oCloseOnExec: number;
  readonly duplicateClosedOnExec: number;
  readonly noSigpipe: number;
  readonly clockMonotonic: number;
  readonly clockThreadCpu: number;
}

const SYSTEMS: Readonly<Record<string, Numbers>> = {
  darwin: {
    oCloseOnExec: 0x1000000,
    duplicateClosedOnExec: 67,
    noSigpipe: 0x1022,
    clockMonotonic: 6,
    clockThreadCpu: 16,
  },
  freebsd: {
    oCloseOnExec: 0x100000,
    duplicateClosedOnExec: 17,
    noSigpipe: 0x800,
    clockMonotonic: 4,
    clockThreadCpu: 14,
  },
};

function numbersOf(system: string): Numbers {
  const numbers = SYSTEMS[system];
  if (!numbers) throw new Error(`pollcost knows the numbers of macOS and FreeBSD here; this is ${system}`);
  return numbers;
}

export const NUMBERS = numbersOf(process.platform);

export const O_NONBLOCK = 4;
export const SOL_SOCKET = 0xffff;
export const SO_ERROR = 0x1007;
export const SO_LINGER = 0x80;
export const RLIMIT_NOFILE = 8;
