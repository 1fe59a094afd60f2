import type { Planted } from './planted-run.js';

/** What pollers take and report of fds, planted. */

/** `errno`: the kernel's answer to register, where it was asked. */
export type Answer = [accepted: number, reported: number, errno?: number];

export const PROBES = ['fd-1023', 'fd-1024', 'fd-4096', 'fd-highest', 'regular-file'];

export const limits = (answers: Record<string, (probe: string) => Answer>): Planted[] =>
  Object.entries(answers).flatMap(([poller, answer]) =>
    PROBES.map((probe) => {
      const [accepted, reported, errno] = answer(probe);
      const once = (value: number) => [[value]];
      return {
        experiment: 'limits',
        poller: poller as Planted['poller'],
        factors: { probe },
        metrics: {
          accepted: once(accepted),
          reported: once(reported),
          ...(errno !== undefined && { registerErrno: once(errno) }),
        },
      };
    }),
  );

export const always = (): Answer => [1, 1, 0];

export const belowOnly = (probe: string): Answer =>
  ['fd-1023', 'regular-file'].includes(probe) ? [1, 1, 0] : [0, 0];

const EPERM = 1;
export const noFiles = (probe: string): Answer => refusingFiles(EPERM)(probe);

export const refusingFiles =
  (errno: number) =>
  (probe: string): Answer =>
    probe === 'regular-file' ? [0, 0, errno] : [1, 1, 0];

export const deaf = (): Answer => [1, 0, 0];
