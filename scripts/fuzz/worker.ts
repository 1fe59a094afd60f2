import { belongToParent } from '../../harness/processes/control/child.js';
import { fuzz } from './run.js';

/** Gets ranges of streams to try, one at a time, and says what it found. */

belongToParent();

export interface Order {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

process.on('disconnect', () => process.exit(0));
process.on('message', ({ seed, from, to }: Order) => process.send?.(fuzz(seed, from, to)));
