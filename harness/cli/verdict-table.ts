import { noiseFloor } from '../results/noise.js';
import type { Claim, Effect, Run } from '../results/run-schema.js';
import { showControls } from '../results/shown-controls.js';
import { talliesOf } from '../results/tally.js';
import { coloured, type Screen, table } from './table.js';

const COLOURS = { holds: 'green', 'holds-when': 'yellow', fails: 'red', undecided: 'grey' } as const;

/** What `bench` prints: each sentence, its verdict, and the figures that decided it. */
export function verdictTable(run: Run, screen: Screen): string {
  if (run.claims.length === 0) return `no verdicts: the run is ${run.status}\n`;
  const rows = run.claims.map((claim) => [
    claim.id,
    coloured(claim.verdict, COLOURS[claim.verdict], screen),
    showControls([claim.statement, ...detail(claim)].join('\n')),
  ]);
  const shown = table(['claim', 'verdict', 'sentence, and what decided'], rows, screen);
  return `${[shown, ...tallies(run.claims), noiseLine(run)].join('\n')}\n`;
}

function tallies(claims: readonly Claim[]): string[] {
  return talliesOf(claims).map(
    ({ where, count, counts }) =>
      `${count} ${where}: ${counts.map((each) => `${each.count} ${each.verdict}`).join(', ')}`,
  );
}

/** More deciding effects than these are in the report only: some rules read dozens. */
const MOST_EFFECTS = 4;

function detail(claim: Claim): string[] {
  const deciding = claim.effects.filter(({ decides }) => decides);
  const lines = deciding.slice(0, MOST_EFFECTS).map((effect) => `- ${effectText(effect)}`);
  const more = deciding.length - MOST_EFFECTS;
  if (more > 0) lines.push(`- and ${more} more in the report`);
  if (claim.verdict === 'holds-when') lines.unshift(`- when ${claim.condition}`);
  if (claim.verdict === 'undecided') lines.unshift(`- missing: ${claim.missing}`);
  return lines;
}

function effectText({ name, value, low, high, unit }: Effect): string {
  if (unit === 'boolean') return `${name}: ${value === 1 ? 'yes' : 'no'}`;
  const suffix = unit === 'ratio' ? '' : ` ${unit}`;
  return low === high
    ? `${name}: ${short(value)}${suffix}`
    : `${name}: ${short(value)} [${short(low)}, ${short(high)}]${suffix}`;
}

const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3);

function noiseLine(run: Run): string {
  const rounds = run.experiments.reduce((sum, experiment) => sum + experiment.rounds, 0);
  const flagged = `${run.noise.flaggedRounds} of ${rounds} rounds were disturbed`;
  const floor = noiseFloor(run);
  if (floor === null) return `noise floor: not measured; ${flagged}`;
  return `noise floor: two identical pollers differ by ${(floor * 100).toFixed(1)} % (root mean square); ${flagged}`;
}
