import { setTimeout } from 'node:timers/promises';
import { whoAsks } from '../collectors/user.js';
import type { Group, State } from '../doctor/check.js';
import { type Diagnosis, type Examination, examine, withoutFds } from '../doctor/diagnosis.js';
import { lookAround, SECONDS_OF_SPEEDS } from '../doctor/machine.js';
import { checks } from '../doctor/registry.js';
import { coloured, type Screen } from './table.js';
import { UsageError } from './usage.js';
import { wrapped } from './wrap.js';

/** The options of `doctor` as they were typed. */
export interface DoctorOptions {
  readonly json?: boolean;
  /** How long it looks at the CPU's speeds, for whoever asks about something else. */
  readonly speeds?: string;
}

/** Prints what this machine can and cannot measure. Changes nothing. */
export async function doctor({ json = false, speeds }: DoctorOptions): Promise<void> {
  const examination = await look(speeds === undefined ? SECONDS_OF_SPEEDS : secondsOf(speeds));
  process.stdout.write(
    json ? `${JSON.stringify(examination.diagnoses, null, 1)}\n` : page(examination, process.stdout),
  );
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 60) return seconds;
  throw new UsageError(`--speeds takes seconds above 0, up to 60; '${text}' is none`);
}

async function look(seconds: number): Promise<Examination> {
  try {
    return await examine(await lookAround(new URL('./bench.js', import.meta.url), seconds), checks);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
    // Loading opens many files at once; by then those that it could open are closed again.
    await setTimeout(100);
    return withoutFds(whoAsks());
  }
}

const GROUPS: Record<Group, string> = {
  program: 'Program',
  rights: 'Rights',
  sockets: 'Sockets',
  processor: 'Processor',
};
const COLOURS = { fine: 'green', limited: 'yellow', missing: 'red' } as const;
const STATES = Object.keys(COLOURS) as State[];
const STATE_WIDTH = Math.max(...STATES.map(({ length }) => length));
const FEWEST_COLUMNS = 60;
const MOST_COLUMNS = 120;

function page({ diagnoses, whole, experiments }: Examination, screen: Screen): string {
  const columns = Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, screen.columns ?? 100));
  const nameWidth = Math.max(...diagnoses.map(({ id }) => id.length));
  const groups = (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const lines = diagnoses
      .filter((diagnosis) => diagnosis.group === group)
      .map((diagnosis) => entry(diagnosis, nameWidth, columns, screen));
    return lines.length > 0 ? [`${coloured(GROUPS[group], 'bold', screen)}\n${lines.join('')}`] : [];
  });
  const counts = STATES.map((state) => `${diagnoses.filter((one) => one.state === state).length} ${state}`);
  const can = experiments === 0 ? 'nothing' : `${whole} of ${experiments} experiments fully`;
  return `${groups.join('\n')}\n${counts.join(', ')}; bench can measure ${can}\n`;
}

function entry(
  { state, id, finding, consequence, command }: Diagnosis,
  nameWidth: number,
  columns: number,
  screen: Screen,
): string {
  const indent = 2 + STATE_WIDTH + 2 + nameWidth + 2;
  const head = `  ${coloured(state.padEnd(STATE_WIDTH), COLOURS[state], screen)}  ${id.padEnd(nameWidth)}  `;
  const lines = wrapped(finding, columns - indent);
  if (consequence !== null) lines.push(...wrapped(`so: ${consequence}`, columns - indent));
  // A command stays on one line, however long: it is there to be copied.
  if (command !== null) lines.push(`try: ${coloured(command, 'bold', screen)}`);
  return `${head}${lines.join(`\n${' '.repeat(indent)}`)}\n`;
}
