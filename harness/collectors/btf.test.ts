import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BTF_PATH, NotBtf, structBytes, structBytesIn } from './btf.js';
import { readSlabs } from './slabs.js';
import { btfOf, STRUCTS, STRUCTS_OF } from './testing/btf-of.js';

/** BTF as this test writes it, of types whose sizes are known. */
function written(
  structs: Readonly<Record<string, number>>,
  others: readonly number[][] = [],
  isLittle = true,
): Buffer {
  const names = ['', ...Object.keys(structs)];
  const strings = Buffer.from(`${names.join('\0')}\0`, 'latin1');
  const offsetOf = (name: string) =>
    names.slice(0, names.indexOf(name)).reduce((sum, { length }) => sum + length + 1, 0);
  // Two members each, of three words.
  const types = Object.entries(structs).flatMap(([name, size]) => [
    [offsetOf(name), (4 << 24) | 2, size, ...Array(6).fill(0)],
  ]);
  const words = [...others, ...types].flat();
  const head = [24, 0, words.length * 4, words.length * 4, strings.length];
  const body = Buffer.alloc(4 + (head.length + words.length) * 4);
  if (isLittle) body.writeUInt16LE(0xeb9f, 0);
  else body.writeUInt16BE(0xeb9f, 0);
  body[2] = 1;
  for (const [index, word] of [...head, ...words].entries()) {
    if (isLittle) body.writeUInt32LE(word >>> 0, 4 + index * 4);
    else body.writeUInt32BE(word >>> 0, 4 + index * 4);
  }
  return Buffer.concat([body, strings]);
}

const NAMES = ['epitem', 'eppoll_entry', 'epitems_head', 'eventpoll'];

/** An integer, an array, an enum of three, a signature of two, a variable, a section of one and an enum of 64 bits with two. */
const OTHERS = [
  [0, 1 << 24, 4, 32],
  [0, 3 << 24, 0, 1, 1, 8],
  [0, (6 << 24) | 3, 4, ...Array(6).fill(0)],
  [0, (13 << 24) | 2, 1, ...Array(4).fill(0)],
  [0, 14 << 24, 1, 0],
  [0, (15 << 24) | 1, 0, ...Array(3).fill(0)],
  [0, (19 << 24) | 2, 8, ...Array(6).fill(0)],
];

const PLANTED = { epitem: 120, eppoll_entry: 64, epitems_head: 16 };

for (const isLittle of [true, false]) {
  test(`structs among types of other kinds, ${isLittle ? 'little' : 'big'}-endian`, () => {
    const btf = written({ other: 7, ...PLANTED }, OTHERS, isLittle);
    assert.deepEqual(Object.fromEntries(structBytesIn(btf, NAMES)), PLANTED);
  });
}

for (const [kernel, structs] of Object.entries(STRUCTS_OF)) {
  test(`the structs of Linux ${kernel} have the sizes that pahole gives for them`, () => {
    assert.deepEqual(Object.fromEntries(structBytesIn(btfOf(kernel), STRUCTS)), structs);
  });
}

test('what is no BTF, is cut off or has a kind of type that nobody knows is refused', () => {
  assert.throws(() => structBytesIn(Buffer.alloc(10), NAMES), NotBtf);
  assert.throws(() => structBytesIn(Buffer.alloc(100), NAMES), NotBtf);
  assert.throws(() => structBytesIn(written({ epitem: 1 }).subarray(0, 40), NAMES), NotBtf);
  assert.throws(() => structBytesIn(written({ epitem: 1 }, [[0, 31 << 24, 0]]), NAMES), /kind 31/);
});

test('a kernel that does not tell is no error', () => {
  assert.equal(structBytes(NAMES, '/nonexistent/vmlinux'), null);
});

const here = structBytes(NAMES);
test('of the running kernel each object is at least as large as its struct, and fills its slot but for an alignment', {
  skip:
    here === null
      ? `${BTF_PATH} is not there`
      : readSlabs([]) === null
        ? 'only root may read slabinfo'
        : false,
}, () => {
  const slabs = readSlabs(['eventpoll_epi', 'eventpoll_pwq', 'ep_head']);
  const pairs = { epitem: 'eventpoll_epi', eppoll_entry: 'eventpoll_pwq', epitems_head: 'ep_head' };
  for (const [struct, cache] of Object.entries(pairs)) {
    const [bytes, slot] = [here?.get(struct), slabs?.get(cache)?.objectBytes];
    if (bytes === undefined || slot === undefined) continue;
    assert.ok(bytes <= slot && slot - bytes < 64, `${struct} of ${bytes} in a slot of ${slot}`);
  }
  assert.ok((here?.get('epitem') ?? 0) > 0);
});
