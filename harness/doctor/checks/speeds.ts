import { SHARE_AGAIN } from '../../run/again.js';
import { LEAST_READINGS } from '../../statistics/full-speed.js';
import { type SpeedLevel, shareOneCore, speedLevelsOf } from '../../statistics/speed-levels.js';
import { check, fine } from '../check.js';

/** Seen less than this, full speed leaves batches to be made again. */
const CALM_SHARE = 0.85;
/** A batch is made again for so long that a run sees little of it below this. */
const RARE_SHARE = 0.25;

export const speeds = check({
  id: 'speeds',
  group: 'processor',
  read: ({ speeds: read }) => (read.ok ? read : null),
  judge(reading) {
    if (reading === null) return null;
    const count = reading.alone.length;
    if (count < LEAST_READINGS) {
      return {
        state: 'limited',
        finding: `${count} ${count === 1 ? 'reading' : 'readings'} in the time, of ${LEAST_READINGS} that are needed to tell speeds apart`,
        consequence: 'how many speeds the core has is not known; a run finds full speed for itself',
        command: 'pollcost doctor --speeds 5',
      };
    }
    const levels = speedLevelsOf(reading.alone);
    const shares = reading.besideBusy === null ? null : shareOneCore(reading.alone, reading.besideBusy);
    const finding = [describe(levels), describeCore(shares)].filter((text) => text !== '').join('; ');
    const share = levels[0]?.share ?? 0;
    if (share >= CALM_SHARE && !shares) return fine(finding);
    return { state: 'limited', finding, consequence: consequenceOf(share, shares), command: null };
  },
});

function describe([full, ...slower]: readonly SpeedLevel[]): string {
  if (!full) return 'no speed that lasts: the core is never the same for long';
  const percent = ({ share }: SpeedLevel) => `${Math.round(share * 100)} % of the time`;
  if (slower.length === 0) return `one speed, ${percent(full)}`;
  const others = slower.map((level) => `${(level.ns / full.ns).toFixed(1)} times slower ${percent(level)}`);
  return `${slower.length + 1} speeds: full speed ${percent(full)}, ${others.join(', ')}`;
}

const describeCore = (shares: boolean | null): string =>
  shares === null ? '' : `subject and load ${shares ? 'share a core' : 'have a core each'}`;

function consequenceOf(share: number, shares: boolean | null): string {
  const parts: string[] = [];
  if (share < CALM_SHARE) {
    parts.push(
      `neighbours use the core: a run makes slow batches again, for up to ${SHARE_AGAIN * 100} % of its time, and its figures are ` +
        'of what was at full speed',
    );
  }
  if (share < RARE_SHARE) {
    parts.push('full speed is rare: intervals are wide and claims may stay undecided; a quieter hour helps');
  }
  if (shares) parts.push('server: what its load does slows the server down');
  return parts.join('; ');
}
