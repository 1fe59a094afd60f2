import type { Planted } from './planted-run.js';

/** What pollers take and report of fds, planted. */

export type Answer = [accepted: number, reported: number];

export const PROBES = ['fd-1023', 'fd-1024', 'fd-4096', 'fd-highest', 'regular-file'];

export const limits = (answers: Record<string, (probe: string) => Answer>): Planted[] =>
  Object.entries(answers).flatMap(([poller, answer]) =>
    PROBES.map((probe) => {
      const [accepted, reported] = answer(probe);
      const once = (value: number) => [[value]];
      return {
        experiment: 'limits',
        poller: poller as Planted['poller'],
        factors: { probe },
        metrics: { accepted: once(accepted), reported: once(reported) },
      };
    }),
  );

export const always = (): Answer => [1, 1];

export const belowOnly = (probe: string): Answer =>
  ['fd-1023', 'regular-file'].includes(probe) ? [1, 1] : [0, 0];

export const noFiles = (probe: string): Answer => (probe === 'regular-file' ? [0, 0] : [1, 1]);

export const deaf = (): Answer => [1, 0];
