import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackRun } from '../../results/packed-run.js';
import { readRun, readSamples } from '../../results/run-folder.js';
import type { Claim } from '../../results/run-schema.js';
import { SampleStore } from '../../run/sample-store.js';
import { Evidence } from '../evidence.js';
import { judge } from '../judge.js';
import { claims } from '../registry.js';

/**
 * A real standard run on a virtual machine with two CPUs, as `pollcost export` packs it, thinned: of each launch the first round, of that
 * what claims ask for, and no models, warnings or verdicts. The claims are judged anew, by the rules as they are.
 */
const FILE = 'harness/claims/testing/standard-run.pollcost.gz';

export function judgedAnew(): Claim[] {
  const results = mkdtempSync(join(tmpdir(), 'pollcost-real-'));
  try {
    const folder = unpackRun(join(fileURLToPath(new URL('../../../../', import.meta.url)), FILE), results);
    const run = readRun(folder);
    const store = new SampleStore();
    store.add(readSamples(folder).lines);
    const pollers = [...new Set(run.cells.map(({ poller }) => poller))];
    const evidence = new Evidence(run, store, { connections: null, pollers });
    return claims.map((claim) => judge(claim, evidence.afresh()));
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}
