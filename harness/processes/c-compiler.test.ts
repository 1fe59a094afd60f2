import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilerCommand } from './c-compiler.js';

const SPLIT: Record<string, string[]> = {
  '': ['cc'],
  '  ': ['cc'],
  'gcc -m64': ['gcc', '-m64'],
  ' ccache  gcc\t-O1 ': ['ccache', 'gcc', '-O1'],
  '\'/opt/my cc/gcc\' -DA="b c"': ['/opt/my cc/gcc', '-DA=b c'],
  'my\\ cc "-DQ=\\"x\\""': ['my cc', '-DQ="x"'],
};

for (const [text, command] of Object.entries(SPLIT)) {
  test(`CC='${text}' is split as a shell splits it`, () => {
    assert.deepEqual(compilerCommand(text), { ok: true, command });
  });
}

for (const text of ["gcc '-m64", 'gcc "-m64', 'gcc \\']) {
  test(`CC=${text} has an open quote, which is said`, () => {
    assert.deepEqual(compilerCommand(text), {
      ok: false,
      reason: `CC has a quote that is not closed: ${text}`,
    });
  });
}
