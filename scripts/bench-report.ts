import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRun, readSamples } from '../harness/results/run-folder.js';
import { findChromium, launch, openFile } from '../reports/testing/chromium.js';
import { writeReport } from '../reports/write.js';
import { optionsOrExit, wholeNumberOption } from './options.js';

/**
 * What the report of a run costs: `npm run bench:report -- [RUN] [--rows 100000]`, by default results/latest. Its samples are
 * repeated up to so many rows, by default as many as a thorough run has; what is printed is told beside what is aimed at, not judged.
 */

const PAINT_DEADLINE_MS = 30_000;
const { values, positionals } = optionsOrExit({
  options: { rows: { type: 'string', default: '100000' } },
  allowPositionals: true,
});
const leastRows = wholeNumberOption('--rows', values.rows, 1);
const [run = 'results/latest'] = positionals;

const folder = mkdtempSync(join(tmpdir(), 'pollcost-bench-report-'));
try {
  cpSync(join(run, 'run.json'), join(folder, 'run.json'));
  cpSync(join(run, 'samples.ndjson'), join(folder, 'samples.ndjson'));
  const rows = readSamples(folder).lines.filter(({ kind }) => kind === 'sample');
  const text = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  for (let count = rows.length; rows.length > 0 && count < leastRows; count += rows.length)
    appendFileSync(join(folder, 'samples.ndjson'), text);

  const before = process.hrtime.bigint();
  const cpuBefore = process.cpuUsage();
  const first = await writeReport(folder, readRun(folder));
  const wall = Number(process.hrtime.bigint() - before) / 1e9;
  const { user, system } = process.cpuUsage(cpuBefore);
  const report = join(folder, 'report');
  const sizes = readdirSync(report).map((file) => [file, statSync(join(report, file)).size] as const);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const [largest] = [...sizes].sort(([, a], [, b]) => b - a);
  process.stdout.write(
    `built in ${wall.toFixed(1)} s (aim: 10; ${((user + system) / 1e6).toFixed(1)} s of CPU) from ${Math.max(leastRows, rows.length)} sample rows\n` +
      `${sizes.length} files, ${(total / 1e6).toFixed(2)} MB (aim: 2); the largest is ${largest?.[0]}, ${((largest?.[1] ?? 0) / 1024).toFixed(0)} KiB\n`,
  );
  await paint(first);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function paint(file: string): Promise<void> {
  const program = findChromium();
  if (program === undefined) {
    process.stdout.write('not painted: there is no Chromium or Chrome on PATH\n');
    return;
  }
  const browser = await launch(program);
  try {
    const opened = await openFile(browser, file, { width: 1280 });
    // Asked from outside: the page's own policy lets nothing be evaluated within it.
    const isPainted = () => opened.page.evaluate("performance.getEntriesByType('paint').length > 0");
    const endMs = performance.now() + PAINT_DEADLINE_MS;
    while (!(await isPainted()) && performance.now() < endMs) await sleep(20);
    const told = await opened.page.evaluate(`({
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      interactive: performance.getEntriesByType('navigation')[0].loadEventEnd,
    })`);
    const { painted, interactive } = told as { painted?: number; interactive: number };
    process.stdout.write(
      `first picture after ${painted?.toFixed(0) ?? '?'} ms (aim: 500), interactive after ${interactive.toFixed(0)} ms (aim: 1500)\n`,
    );
  } finally {
    await browser.close();
  }
}
