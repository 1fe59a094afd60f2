import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import '../harness/cli/begin.js';
import { folderOf } from '../harness/cli/folder-of.js';
import { readRun } from '../harness/results/run-folder.js';
import { PREVIEW } from '../reports/document.js';
import { renderPreviews } from '../reports/preview.js';
import { findChromium, launch } from '../reports/testing/chromium.js';
import { writeReport } from '../reports/write.js';
import { optionsOrExit } from './options.js';

/**
 * `npm run sample-site -- --site https://example.org/pollcost/ [--run RUN] [--out results/site]`: the report of a thorough run as it is
 * published, with a picture for each page that previews of links show. Without --run it makes that run first, in half an hour;
 * what stands after a further `--` is what that bench takes beside its profile.
 */

const MAIN = fileURLToPath(new URL('../harness/cli/main.js', import.meta.url));

const { values, positionals: ofBench } = optionsOrExit({
  allowPositionals: true,
  options: {
    site: { type: 'string' },
    run: { type: 'string' },
    out: { type: 'string', default: 'results/site' },
  },
});
const site = siteOf(values.site);
const program = findChromium();
if (program === undefined)
  refuse('there is no Chromium or Chrome on PATH to paint the pictures; install one');

if (values.run !== undefined && ofBench.length > 0)
  refuse(`there is a run already, so nothing is measured; leave out --run or '${ofBench.join(' ')}'`);
const folder = folderOf(values.run ?? thoroughRun());
const run = readRun(folder);
mkdirSync(values.out, { recursive: true });
const page = await writeReport(folder, run, values.out, site);
const pictures = await renderPreviews(run);
await paint(pictures);
process.stdout.write(`${page}\n${pictures.size} pictures, for ${site.href}\n`);

function refuse(why: string): never {
  process.stderr.write(`sample-site: ${why}\n`);
  process.exit(2);
}

/** With a slash at its end, so that pages are within it. */
function siteOf(text: string | undefined): URL {
  const example = '--site https://example.org/pollcost/';
  if (text === undefined) refuse(`say where the pages will be published, as pictures need it: ${example}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    refuse(`'${text}' is no address of a site; give one such as ${example}`);
  return new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`);
}

/** Its folder, which is also results/latest. */
function thoroughRun(): string {
  const args = [MAIN, 'bench', '--profile', 'thorough', '--no-report', ...ofBench];
  const { status, signal } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0)
    refuse(`the thorough run ended with ${signal ?? `exit code ${status}`}; what it says is above`);
  return join('results', 'latest');
}

async function paint(cards: ReadonlyMap<string, string>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'pollcost-site-'));
  const browser = await launch(program as string);
  try {
    // One window for all: each of its own would cost more than its picture does.
    const page = await browser.newPage({ viewport: PREVIEW });
    for (const [file, html] of cards) {
      const card = join(scratch, file.replace(/png$/, 'html'));
      writeFileSync(card, html);
      await page.goto(pathToFileURL(card).href);
      await page.screenshot({ path: join(values.out, file) });
    }
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
