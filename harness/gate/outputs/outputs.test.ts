import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Gate, gateSchema, type MetricResult } from '../gate-schema.js';
import { annotationsOf } from './annotations.js';
import { junitOf } from './junit.js';
import { markdownOf, textOf } from './markdown.js';
import { writeGate } from './write.js';

const folder = mkdtempSync(join(tmpdir(), 'pollcost-outputs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const metric = (
  id: string,
  verdict: MetricResult['verdict'],
  change: Partial<MetricResult> = {},
): MetricResult => ({
  ...{
    id,
    verdict,
    class: 'absolute',
    unit: 'ns',
    level: 'error',
    margin: 0.1,
    reference: 200,
    current: 250,
  },
  ...{ pairs: 12, speed: 'full', change: { value: 1.25, low: 1.18, high: 1.31, confidence: 0.975 } },
  ...change,
});

const gateWith = (metrics: MetricResult[], outcome: Gate['outcome'] = 'regression'): Gate =>
  gateSchema.parse({
    ...{ gateVersion: 1, tool: 'pollcost 0.1.0', startedAt: '2026-11-23T04:45:00Z', seconds: 130, outcome },
    reference: { label: 'main', commit: 'a'.repeat(40), dirty: false },
    current: { label: 'the working tree', commit: 'b'.repeat(40), dirty: true },
    ...{
      seed: 7,
      pairs: 12,
      command: 'pollcost gate --against main --seed 7',
      rule: 'a < b',
      metrics,
      notes: ['a note'],
    },
  });

const SLOW = 'watched-fds/epoll/cpuNsPerTurn(watched=1000,ready=0)';

test('each failure names its metric, the effect with its interval, and the command that shows it again', () => {
  const gate = gateWith([metric(SLOW, 'regression'), metric('cascade/poll/cpuNsPerEvent', 'ok')]);
  for (const text of [markdownOf(gate), textOf(gate), junitOf(gate), annotationsOf(gate).join('\n')]) {
    assert.ok(text.includes('epoll/cpuNsPerTurn(watched=1000'), text);
    assert.match(text, /\+25\.0 (%|%25) \[\+18\.0 (%|%25), \+31\.0 (%|%25)\]/);
    assert.ok(text.includes('pollcost gate --against main --seed 7'), text);
  }
});

test('at most ten annotations, each one line, whatever stands in a metric', () => {
  const many = Array.from({ length: 30 }, (_, at) => metric(`a/b/c(x=${at},y:z)\n`, 'regression'));
  const lines = annotationsOf(gateWith(many));
  assert.equal(lines.length, 10);
  for (const line of lines) {
    assert.match(line, /^::error title=[^:,\n]+::[^\n]+$/);
    assert.doesNotMatch(line, /%(?![0-9A-F]{2})/);
  }
});

test('a metric that only warns is a warning, and none of the failures of JUnit', () => {
  const gate = gateWith([metric(SLOW, 'regression', { level: 'warn' }), metric('x/y/z', 'ok')], 'passed');
  assert.match(annotationsOf(gate)[0] ?? '', /^::warning /);
  assert.match(junitOf(gate), /<testsuite [^>]*tests="1" failures="0"/);
});

test('what may fail the gate and what only warns are counted apart', () => {
  const gate = gateWith(
    [
      metric('a/b/c', 'ok'),
      metric('d/e/f', 'ok', { class: 'exact' }),
      metric(SLOW, 'regression', { level: 'warn' }),
      metric('g/h/i', 'ok', { level: 'off' }),
    ],
    'passed',
  );
  const counts = '2 of 2 gated metrics are ok, 1 of them exact; 0 of 1 metrics that only warn are ok';
  for (const text of [textOf(gate), markdownOf(gate)]) assert.ok(text.includes(counts), text);
  assert.doesNotMatch(textOf(gateWith([metric('a/b/c', 'ok')], 'passed')), /only warn/);
});

test('JUnit has a failure for a regression and a skip for what is not decided', () => {
  const xml = junitOf(
    gateWith([metric('<a>&"b"', 'regression'), metric('x', 'inconclusive'), metric('y', 'ok')]),
  );
  assert.match(xml, /tests="3" failures="1" errors="0" skipped="1"/);
  assert.ok(
    xml.includes('name="&lt;a>&amp;&quot;b&quot;"') || xml.includes('name="&lt;a&gt;&amp;&quot;b&quot;"'),
    xml,
  );
  assert.match(junitOf(gateWith([], 'nothing-measured')), /errors="1"/);
});

test('a summary of ten thousand metrics stays below 1 MiB, ends with whole lines, and shows failures first', () => {
  const many = Array.from({ length: 10_000 }, (_, at) =>
    metric(`experiment/poller/metric(watched=${at})`, 'ok'),
  );
  const text = markdownOf(gateWith([...many, metric(SLOW, 'regression')]));
  assert.ok(Buffer.byteLength(text) < 2 ** 20);
  assert.ok(text.indexOf(SLOW) < text.indexOf('experiment/poller'));
  assert.match(text, /The rest is in gate\.json\.\n$/);
});

test('the folder gets JSON that its schema reads, Markdown and XML; GitHub its summary and annotations', () => {
  const summary = join(folder, 'summary.md');
  const gate = gateWith([metric(SLOW, 'regression')]);
  const lines = writeGate(folder, gate, { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: 'true' });
  assert.equal(lines.length, 1);
  assert.deepEqual(gateSchema.parse(JSON.parse(readFileSync(join(folder, 'gate.json'), 'utf8'))), gate);
  assert.equal(readFileSync(summary, 'utf8'), readFileSync(join(folder, 'gate.md'), 'utf8'));
  assert.ok(readFileSync(join(folder, 'gate.xml'), 'utf8').startsWith('<?xml'));
  assert.deepEqual(writeGate(folder, gate, {}), []);
});
