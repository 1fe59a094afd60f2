import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import type { Closed } from '../outcomes.js';
import { textOf } from './bytes.js';
import type { Net } from './every-poller.js';

/** Reads of a stream, as tests issue them. */

export const never = (): never => assert.fail('a callback ran that must not');

/** Issues a read and runs the loop until it completes. */
export function result(net: Net, read: (callback: (bytes: Buffer | Closed) => void) => void): string {
  const texts: string[] = [];
  read((bytes) => texts.push(textOf(bytes)));
  assert.equal(texts.length, 0, 'the callback ran on the stack of the read');
  net.until(() => texts.length > 0, 'the read');
  return texts[0] as string;
}
