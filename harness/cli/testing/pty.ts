import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a command on a terminal of its own and passes on what is typed and printed. */
const SCRIPT = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
sources = [terminal, 0]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b''
        if data:
            os.write(1 if source == terminal else terminal, data)
        elif source == 0:
            sources.remove(0)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
`;

export const hasPty = (): boolean => spawnSync('python3', ['-c', 'import pty']).status === 0;

export interface Terminal {
  /** Everything that came to the screen so far. */
  readonly screen: string;
  type(keys: string): void;
  /** Waits until the screen has shown this. */
  shows(what: RegExp): Promise<void>;
  /** Waits for the end of the command. */
  readonly exitCode: Promise<number>;
}

const PATIENCE_MS = 60_000;

export function onTerminal(
  columns: number,
  command: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Terminal {
  const child = spawn('python3', ['-c', SCRIPT, String(columns), ...command], {
    cwd: options.cwd,
    env: { ...process.env, TERM: 'xterm', ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 2 * PATIENCE_MS,
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  child.stdin.on('error', () => {});
  return {
    get screen() {
      return screen;
    },
    type: (keys) => void child.stdin.write(keys),
    async shows(what) {
      for (let waitedMs = 0; !what.test(screen); waitedMs += 10) {
        if (waitedMs > PATIENCE_MS || child.exitCode !== null)
          throw new Error(`${what} did not come:\n${screen}`);
        await sleep(10);
      }
    },
    exitCode: once(child, 'close').then(([code]) => code as number),
  };
}
