import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pollcost-action-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const validate = (path: string) =>
  spawnSync(join(ROOT, 'node_modules/.bin/action-validator'), [path], { cwd: ROOT, encoding: 'utf8' });

const workflows = readdirSync(join(ROOT, '.github/workflows'));

for (const path of ['action.yml', ...workflows.map((name) => `.github/workflows/${name}`)]) {
  test(`${path} is what GitHub takes`, () => {
    const { status, stdout, stderr } = validate(path);
    assert.equal(status, 0, stdout + stderr);
  });
}

test('what GitHub does not take is found', () => {
  for (const [name, from, to] of [
    ['gate.yml', 'runs-on: ubuntu-24.04', 'run-on: ubuntu-24.04'],
    ['nightly.yml', 'needs: measure', 'needs: mesure'],
  ] as const) {
    const text = readFileSync(join(ROOT, '.github/workflows', name), 'utf8');
    assert.ok(text.includes(from));
    const broken = join(folder, name);
    writeFileSync(broken, text.replace(from, to));
    assert.notEqual(validate(broken).status, 0, name);
  }
});

/** The script of a step, from the file itself: what stands indented behind its `run: |`. */
function scriptOf(step: string): string {
  const text = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  const found = text.split(`- name: ${step}\n`)[1]?.split('run: |\n')[1] ?? '';
  const lines = found.split('\n');
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('        '));
  return lines.slice(0, end === -1 ? undefined : end).join('\n');
}

test('the action refuses inputs that make no sense before it does anything', () => {
  const script = scriptOf('Check the inputs');
  assert.match(script, /fail\(\)/);
  const checked = (inputs: Record<string, string>) =>
    spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      env: { ...process.env, STRICT: 'false', MAX_MINUTES: '8', COMMAND: '', FOLDER: folder, ...inputs },
      encoding: 'utf8',
    });
  assert.equal(checked({}).status, 0);
  assert.equal(checked({ COMMAND: 'node server.js {port}', MAX_MINUTES: '2.5', STRICT: 'true' }).status, 0);
  for (const [inputs, message] of [
    [{ STRICT: 'yes' }, /strict is true or false, not 'yes'/],
    [{ MAX_MINUTES: '8; rm' }, /max-minutes is a number/],
    [{ COMMAND: 'node server.js' }, /command needs \{port\}/],
    [{ FOLDER: '/nowhere' }, /there is no folder/],
  ] as const) {
    const { status, stdout } = checked(inputs);
    assert.equal(status, 2);
    assert.match(stdout, message);
  }
});
