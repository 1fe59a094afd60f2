import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRIC_RATIOS } from '../harness/results/metrics.js';
import type { Factors } from '../harness/results/run-schema.js';
import {
  inWords,
  serverInWords,
  write,
  writeDuration,
  writeFactor,
  writeList,
  writeNumber,
  writeTime,
} from './figures.js';

const around = (
  value: number,
  low: number,
  high: number,
  unit: Parameters<typeof write>[0]['unit'],
  ratioKind?: Parameters<typeof write>[0]['ratioKind'],
) => {
  const { value: figure, interval } = write({ value, low, high, unit, ratioKind });
  return `${figure} ${interval}`.replace(/\u00a0/g, ' ').trim();
};

test('times take the unit that suits their size, whatever unit they come in', () => {
  assert.equal(around(431.2, 427.9, 436, 'ns'), '431 ns [428, 436]');
  assert.equal(around(75_310, 74_800, 76_020, 'ns'), '75.3 µs [74.8, 76.0]');
  assert.equal(around(1_250, 1_200, 1_300, 'us'), '1.25 ms [1.20, 1.30]');
  assert.equal(around(0.0123, 0.012, 0.013, 's'), '12.3 ms [12.0, 13.0]');
});

test('a figure and its interval share unit and digits, and a narrow interval stays visible', () => {
  assert.equal(around(1.001, 0.996, 1.006, 'ratio'), '1.001× [0.996, 1.006]');
  assert.equal(around(1.001, 0.98, 1.03, 'ratio'), '1.00× [0.98, 1.03]');
  assert.equal(around(2, -5, 9, 'ns'), '2.00 ns [−5.00, 9.00]');
});

test('a ratio is a factor unless it says that it is a share, an exponent or a number of fds', () => {
  assert.equal(around(0.032, 0.03, 0.034, 'ratio'), '0.0320× [0.0300, 0.0340]');
  assert.equal(around(0.032, 0.03, 0.034, 'ratio', 'share'), '3.20 % [3.00, 3.40]');
  assert.equal(around(0.01, 0.01, 0.01, 'ratio', METRIC_RATIOS.lateBeats), '1 %');
  assert.equal(around(1.02, 1.01, 1.03, 'ratio', 'exponent'), '1.02 [1.01, 1.03]');
  assert.equal(around(0.04, 0.03, 0.05, 'ratio', 'fds'), '0.0400 fds [0.0300, 0.0500]');
});

test('where the interval is far wider than the value, its digits are what can be told', () => {
  assert.equal(around(-0.078, -4.0254, 2.8321, 'ns'), '−0.08 ns [−4.03, 2.83]');
  assert.equal(around(48.7, -58_847, 68_764.7, 'ns'), '49 ns [−58\u202f847, 68\u202f765]');
});

test('a small part of a core is a percentage', () => {
  assert.equal(around(0.97, 0.95, 0.99, 'cores'), '0.970 cores [0.950, 0.990]');
  assert.equal(around(0.0004, 0.0003, 0.0005, 'cores'), '0.0400 % CPU [0.0300, 0.0500]');
});

test('whole counts stay whole', () => {
  assert.equal(around(0, 0, 1, 'count'), '0 [0, 1]');
  assert.equal(around(9.56, 4, 16, 'count'), '9.56 [4.00, 16.00]');
});

test('sizes that the sentences name in bytes stay bytes', () => {
  assert.equal(around(384, 384, 384, 'bytes'), '384 B');
  assert.equal(around(65_536, 65_536, 65_536, 'bytes'), '64 KiB');
});

test('booleans are words and have no interval', () => {
  assert.equal(around(1, 1, 1, 'boolean'), 'yes');
  assert.equal(around(0, 0, 0, 'boolean'), 'no');
});

test('zero, negative and tiny numbers are written without exponent or minus zero', () => {
  assert.equal(writeNumber(-0.001, 2), '0.00');
  assert.equal(writeNumber(-1234567), '−1\u202f234\u202f567');
  assert.equal(around(0, 0, 0, 'ns'), '0 ns');
  assert.equal(around(0, -1, 1, 'ns'), '0.00 ns [−1.00, 1.00]');
});

test('words and sentences', () => {
  assert.equal(inWords('costRatio100Over50'), 'cost ratio 100 over 50');
  assert.equal(inWords('selectGrowth1To1000'), 'select growth 1 to 1000');
  assert.equal(inWords('epollCpuShare'), 'epoll CPU share');
  assert.equal(writeList([]), '');
  assert.equal(writeList(['a', 'b', 'c']), 'a, b and c');
  assert.equal(writeFactor(127.4), '127×');
  assert.equal(writeFactor(1.004), '1.00×');
  assert.equal(writeDuration(221).replace(/\u00a0/g, ' '), '3 min 41 s');
  assert.equal(writeDuration(59.7).replace(/\u00a0/g, ' '), '1 min 0 s');
  assert.equal(writeTime('2026-11-23T04:45:59.123Z'), '2026-11-23 04:45 UTC');
});

test('a server is called by what it is, with its poller and its connections where its factors have them', () => {
  const told = (factors?: Factors) => {
    const subject = 'pollcost http private table 1000 connections';
    return serverInWords({ subject, ...(factors && { factors }) }).replace(/[\u00a0\u202f]/g, ' ');
  };
  const ours = { series: 'pollcost', app: 'http', fileTable: 'private' };
  assert.equal(told({ ...ours, connections: 1000 }), 'app http, private file table, 1 000 connections');
  assert.equal(
    told({ ...ours, poller: 'epoll-et', connections: 0 }),
    'epoll-et, app http, private file table, 0 connections',
  );
  assert.equal(told({ ...ours, mostConnections: 15 }), 'app http, private file table, up to 15 connections');
  assert.equal(
    told({ series: 'node:net', app: 'fixed', fileTable: 'shared', connections: 1 }),
    'node:net, app fixed, shared file table, 1 connection',
  );
  assert.equal(told(), 'pollcost http private table 1000 connections', 'as an older run calls it');
});
