import assert from 'node:assert/strict';
import { READ, type Trigger } from '../poller.js';
import type { Circumstances, Line } from './line.js';
import { WOULD_BLOCK } from './system.js';
import { assertReady, assertSilent, receive, send, type Workbench } from './workbench.js';

const BEHAVIOURS: Readonly<Record<Trigger, string>> = {
  level: 'it is level-triggered: what is left unread is reported at every wait',
  edge: 'it is edge-triggered: what is left unread is not reported again',
  oneshot: 'it is one-shot: what was reported once is silent until modify',
};

const only =
  (wanted: Trigger) =>
  ({ trigger }: Circumstances) =>
    trigger === wanted ? undefined : BEHAVIOURS[trigger];

export const triggering: readonly Line[] = [
  {
    line: 36,
    title: 'reports what is left unread until all is read',
    skip: only('level'),
    run(bench: Workbench) {
      const poller = bench.poller();
      const [reader, writer] = bench.pair();
      poller.register(reader, READ);
      send(writer, '12345');
      assertReady(poller, [[reader, READ]]);
      assert.equal(receive(reader, 3), '123');
      assertReady(poller, [[reader, READ]]);
      assertReady(poller, [[reader, READ]]);
      assert.equal(receive(reader, 2), '45');
      assertSilent(poller);
    },
  },
  {
    line: 37,
    title: 'reports what is left unread only when more arrives or after modify',
    skip: only('edge'),
    run(bench: Workbench) {
      const poller = bench.poller();
      const [reader, writer] = bench.pair();
      poller.register(reader, READ);
      send(writer, '12345');
      assertReady(poller, [[reader, READ]]);
      assert.equal(receive(reader, 3), '123');
      assertSilent(poller);
      send(writer, '67');
      assertReady(poller, [[reader, READ]]);
      assertSilent(poller);
      poller.modify(reader, READ);
      assertReady(poller, [[reader, READ]]);
      assertSilent(poller);
      assert.equal(receive(reader), '4567');
      poller.modify(reader, READ);
      assertSilent(poller);
    },
  },
  {
    line: 38,
    title: 'reports once and is silent until modify',
    skip: only('oneshot'),
    run(bench: Workbench) {
      const poller = bench.poller();
      const [reader, writer] = bench.pair();
      poller.register(reader, READ);
      send(writer, '12345');
      assertReady(poller, [[reader, READ]]);
      assertSilent(poller);
      assert.equal(receive(reader), '12345');
      send(writer, '67');
      assertSilent(poller);
      assert.equal(poller.interestOf(reader), READ, 'it is still registered');
      poller.modify(reader, READ);
      assertReady(poller, [[reader, READ]]);
      assertSilent(poller);
    },
  },
  {
    line: 39,
    title: 'reports new data on an fd that was read until it would block',
    skip: only('edge'),
    run(bench: Workbench) {
      const poller = bench.poller();
      const [reader, writer] = bench.pair();
      poller.register(reader, READ);
      for (const data of ['first', 'second', 'third']) {
        send(writer, data);
        assertReady(poller, [[reader, READ]]);
        assert.equal(receive(reader), data);
        assert.equal(receive(reader), WOULD_BLOCK);
        assertSilent(poller);
      }
    },
  },
];
