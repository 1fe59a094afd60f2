import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exampleRun } from '../../reports/testing/example-run.js';
import { writeRun } from '../results/run-folder.js';
import type { Claim, Run } from '../results/run-schema.js';

/** Ten machines whose environment is planted: what they bring back makes one page and one table. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-many-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const pollcost = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });

const plain = exampleRun();
const turned = plain.claims.find(({ verdict }) => verdict === 'holds') as Claim;
const left = plain.claims.find(({ id, verdict }) => verdict === 'holds' && id !== turned.id) as Claim;

const KERNELS = ['5.10.0-planted', '6.1.0-planted', '6.18.0-planted', '7.2.0-planted'];
const runOf = (machine: number): Run => {
  const isFourth = machine === 4;
  return exampleRun({
    id: `20261123T0445${String(machine).padStart(2, '0')}Z-7f3a`,
    environment: {
      ...plain.environment,
      kernel: KERNELS[machine % KERNELS.length] as string,
      node: machine % 2 ? '26.1.0' : '20.20.2',
      arch: machine < 8 ? 'x64' : 'arm64',
      fdLimitSoft: machine === 3 ? 256 : 20_000,
      unshare: machine !== 5,
      waitSyscalls:
        machine < 8 ? { select: 'pselect6', epoll: 'epoll_wait' } : { select: 'pselect6', epoll: null },
    },
    claims: plain.claims.map((claim) => {
      if (claim.id === turned.id && isFourth)
        return { ...turned, verdict: 'fails', finding: 'Here it costs twelve times as much.' } as Claim;
      if (claim.id === left.id && isFourth)
        return { ...left, verdict: 'undecided', missing: 'more rounds' } as Claim;
      return claim;
    }),
    // The third could not open as many files.
    cells: plain.cells.filter(({ factors }) => machine !== 3 || Number(factors.watched ?? 0) <= 100),
  });
};
const NAMES = Array.from({ length: 10 }, (_, machine) => `machine-${machine}`);

before(() => {
  for (const [machine, name] of NAMES.entries()) {
    const [at, run] = [join(folder, name), runOf(machine)];
    mkdirSync(at);
    writeRun(at, run);
    const head = { kind: 'run', schemaVersion: 2, id: run.id, planHash: run.planHash, seed: run.seed };
    writeFileSync(join(at, 'samples.ndjson'), `${JSON.stringify(head)}\n`);
  }
});

test('compare holds ten runs together: what differs between them, who contradicts, and figures at sizes that most have', () => {
  const { status, stdout, stderr } = pollcost('compare', ...NAMES);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^10 runs$/m);
  assert.match(
    stdout,
    /^run +kernel +architecture +Node +fd limit +private file table +memory read from +system calls$/m,
  );
  assert.match(
    stdout,
    /^4 +machine-3 +7\.2\.0-planted +x64 +26\.1\.0 +256 +yes +nothing +select by pselect6, epoll by epoll_wait$/m,
  );
  assert.match(stdout, /^The same in all: .*CPUs 2;/m);
  const lines = stdout.split('\n');
  const first = lines[lines.findIndex((line) => line.startsWith('sentence')) + 1] ?? '';
  assert.match(first, new RegExp(`^! ${turned.id} +(holds +){4}fails( +holds){5}$`));
  assert.doesNotMatch(stdout, new RegExp(`^! ${left.id}`, 'm'));
  assert.match(
    stdout,
    /one of 4\u202f000 watched ready, finite timeout, ns\n\n.*\n(?:\d+ .*\n){3}4( +-){4}$/m,
  );
});

test('the same as data', () => {
  const { status, stdout, stderr } = pollcost('compare', ...NAMES, '--json');
  assert.equal(status, 0, stderr);
  const { runs, verdicts, headlines } = JSON.parse(stdout);
  assert.equal(runs.length, 10);
  assert.deepEqual(
    [verdicts[0].id, verdicts[0].differs, verdicts[0].verdicts[4]],
    [turned.id, true, 'fails'],
  );
  assert.ok(headlines.every((headline: { runs: unknown[] }) => headline.runs.length === 10));
  assert.match(pollcost('compare', ...NAMES, '--markdown').stdout, /^\| ! \S+ \| holds \|/m);
});

test('report makes one page of ten runs: contradictions first, then figures, then what the machines are', () => {
  const { status, stdout, stderr } = pollcost('report', ...NAMES);
  assert.equal(status, 0, stderr);
  const page = stdout.trim().split('\n').at(-1) ?? '';
  assert.equal(page, 'machine-0/report/compare.html');
  const html = readFileSync(join(folder, page), 'utf8');
  const order = ['id="verdicts"', 'Sentences of which', 'Sentences without', 'id="headlines"', 'id="runs"'];
  const places = order.map((text) => html.indexOf(text));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.ok(!places.includes(-1), String(places));
  const differing = html.slice(places[1], places[2]);
  assert.ok(differing.includes(turned.statement) && !differing.includes(left.statement));
  assert.match(differing, /<strong>fails<\/strong> \(run 5\): Here it costs twelve times as much\./);
  for (const kernel of KERNELS) assert.ok(html.includes(kernel));
  const rows = html.slice(places[3], places[4]).match(/<th scope="row">run 10<small>/g);
  assert.ok(rows && rows.length >= 3, 'each table of figures has a row for the tenth');
});
