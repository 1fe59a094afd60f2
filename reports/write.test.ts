import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pages } from './pages/registry.js';
import { emptyRun } from './testing/example-run.js';
import { writeReport } from './write.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pollcost-report-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('the pages lie in report/, the first as index.html, beside them only their style sheet, and replace older ones', async () => {
  const path = await writeReport(folder, emptyRun());
  assert.equal(path, join(folder, 'report', 'index.html'));
  await writeFile(path, 'older');
  await writeReport(folder, emptyRun({ status: 'interrupted' }));
  assert.match(await readFile(path, 'utf8'), /This run was interrupted/);
  assert.deepEqual(
    (await readdir(join(folder, 'report'))).sort(),
    [...Object.values(pages).map(({ file }): string => file), 'report.css', 'report.js'].sort(),
  );
});

test('a folder that cannot be written to is an error that names the path', async () => {
  const file = join(folder, 'not-a-folder');
  await writeFile(file, '');
  await assert.rejects(writeReport(file, emptyRun()), /not-a-folder/);
});
