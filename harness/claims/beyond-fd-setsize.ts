import type { Factors } from '../results/run-schema.js';
import { type ClaimDefinition, within } from './claim.js';
import { type Evidence, exact } from './evidence.js';

const POLLERS = ['select', 'select-wide', 'poll', 'epoll'];
const BELOW = 'fd-1023';
const ABOVE = ['fd-1024', 'fd-4096', 'fd-highest'] as const;

const answers = (evidence: Evidence, poller: string, probe: string) => {
  const { metrics } = evidence.cell({ experiment: 'limits', poller, factors: { probe } });
  return { accepted: metrics.accepted?.value === 1, reported: metrics.reported?.value === 1 };
};

const delivers = (evidence: Evidence, poller: string, probes: readonly string[]) =>
  probes.every((probe) => answers(evidence, poller, probe).reported);

const refuses = (evidence: Evidence, poller: string) =>
  ABOVE.every((probe) => !answers(evidence, poller, probe).accepted);

export const beyondFdSetsize: ClaimDefinition = {
  id: 'beyond-fd-setsize',
  source: 'answer',
  kind: 'definition',
  statement: 'epoll and poll can watch fds above FD_SETSIZE, select cannot',
  rule: {
    version: 2,
    text:
      'A readable socket is registered at fd 1 024, 4 096 and the highest that the limit allows. Holds if poll and epoll ' +
      "report it and both select and select-wide refuse it; holds-when if only select (glibc's fd_set) refuses and the " +
      'others deliver; fails otherwise. At fd 1 023 all must deliver. All four numbers are needed of all four pollers.',
  },
  evidence: ['limits'],
  judge(evidence) {
    evidence.grid(
      POLLERS.flatMap((poller) =>
        [BELOW, ...ABOVE].map((probe) => ({ experiment: 'limits', poller, factors: { probe } })),
      ),
    );
    const below = POLLERS.every((poller) => delivers(evidence, poller, [BELOW]));
    const select = refuses(evidence, 'select');
    const wideRefuses = refuses(evidence, 'select-wide');
    const wideDelivers = delivers(evidence, 'select-wide', ABOVE);
    const others = delivers(evidence, 'poll', ABOVE) && delivers(evidence, 'epoll', ABOVE);
    const effect = (name: string, is: boolean, factors: Factors) =>
      within(exact(name, Number(is), 'boolean', true, factors), { from: 1 });
    const above = ABOVE.join(' ');
    const effects = [
      effect('allDeliverAt1023', below, { probe: BELOW }),
      effect('selectRefusesAbove1023', select, { poller: 'select', probe: above }),
      effect('selectWideRefusesAbove1023', wideRefuses, { poller: 'select-wide', probe: above }),
      effect('pollAndEpollDeliverAbove1023', others, { poller: 'poll epoll', probe: above }),
    ];
    const finding =
      `Above fd 1 023, select ${select ? 'refuses' : 'takes'} sockets, the same call with larger bitmaps ` +
      `${wideDelivers ? 'delivers their events' : 'does not deliver'}, and poll and epoll ${others ? 'deliver' : 'do not deliver'}.`;
    const explanation =
      "FD_SETSIZE is glibc's, not the kernel's: an fd_set is an array of 1 024 bits, and FD_SET beyond its end writes " +
      'into whatever lies there. core_sys_select() takes as many bits as the caller says, up to the size of the file ' +
      'table, so a program that brings larger bitmaps can select above 1 023; poll and epoll name fds by number and ' +
      'have no such array.';
    if (!below || !select || !others) return { verdict: 'fails', effects, finding, explanation };
    if (wideRefuses) return { verdict: 'holds', effects, finding, explanation };
    if (!wideDelivers) return { verdict: 'fails', effects, finding, explanation };
    return {
      verdict: 'holds-when',
      condition: "select is used with glibc's fd_set of 1 024 bits; Linux itself accepts larger bitmaps",
      effects,
      finding,
      explanation,
    };
  },
};
