import assert from 'node:assert/strict';
import type { Finding } from '../check.js';

/** What tests expect of a finding. */

export function shortage(found: Finding | null) {
  assert.ok(found && found.state !== 'fine', `a shortage, not ${found?.finding}`);
  return found;
}

export const isFine = (found: Finding | null) => assert.equal(found?.state, 'fine', found?.finding);
