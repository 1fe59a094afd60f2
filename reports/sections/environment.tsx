import { waitsOf } from '../../harness/results/across-runs.js';
import type { Environment as Machine } from '../../harness/results/run-schema.js';
import { writeNumber, writeValue } from '../figures.js';

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');
const count = (value: number | null): string | null => (value === null ? null : writeNumber(value));

type Row = readonly [label: string, value: string | null];

const rowsOf = (machine: Machine): readonly { readonly heading: string; readonly rows: readonly Row[] }[] => [
  {
    heading: 'Machine',
    rows: [
      ['Processor', machine.cpuModel],
      ['Architecture', machine.arch],
      ['CPUs', count(machine.cpus)],
      ['Pinned to CPU', machine.pinnedTo === null ? null : String(machine.pinnedTo)],
      ['Memory', writeValue(machine.memoryBytes, 'bytes')],
      ['Memory page', machine.pageBytes === undefined ? null : writeValue(machine.pageBytes, 'bytes')],
      ['Virtualization', machine.virtualization],
      ['In a container', yesNo(machine.container)],
      ['Frequency governor', machine.governor],
      ['Clock source', machine.clocksource],
    ],
  },
  {
    heading: 'Software',
    rows: [
      ['Linux kernel', machine.kernel],
      ['Node.js', machine.node],
      ['V8', machine.v8],
      ['Koffi', machine.koffi],
      ['C compiler', machine.cc],
      ['System calls that wait', waitsOf(machine)],
      ['Commit', machine.commit],
      ['Uncommitted changes', yesNo(machine.dirty)],
    ],
  },
  {
    heading: 'Limits and rights',
    rows: [
      ['Open files, soft limit', count(machine.fdLimitSoft)],
      ['Open files, hard limit', count(machine.fdLimitHard)],
      ['epoll watches, limit', count(machine.maxUserWatches)],
      ['Runs as root', yesNo(machine.uid0)],
      ['Kernel slabs readable', yesNo(machine.slabinfo)],
      ['Private file table possible', yesNo(machine.unshare)],
      ['Real-time priority possible', yesNo(machine.realtime)],
      ['Servers at nice -20', yesNo(machine.highestNice ?? null)],
      ['Slices of 0.1 ms for servers under beats', yesNo(machine.shortSlices ?? null)],
    ],
  },
];

/** What the figures were measured on. */
export const Environment = ({ machine }: { machine: Machine }) => (
  <section id="environment">
    <h2>Measured on</h2>
    <div class="environment">
      {rowsOf(machine).map(({ heading, rows }) => (
        <div>
          <h3>{heading}</h3>
          <dl>
            {rows.map(([label, value]) => (
              <div>
                <dt>{label}</dt>
                <dd class={value === null ? 'nothing' : undefined}>{value ?? 'not readable'}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
    <details>
      <summary>Mitigations of CPU vulnerabilities</summary>
      {machine.mitigations === null ? (
        <p class="nothing">not readable</p>
      ) : machine.mitigations.length === 0 ? (
        <p>none</p>
      ) : (
        <ul>
          {machine.mitigations.map((mitigation) => (
            <li>{mitigation}</li>
          ))}
        </ul>
      )}
    </details>
  </section>
);
