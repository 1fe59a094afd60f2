import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the kernel's books: what was closed is freed later, when every CPU has passed by (RCU). */

const STEP_MS = 5;
const MOST_STEPS = 200;
const SETTLED_STEPS = 4;
/** Some objects stay in slabs that the kernel keeps at hand. */
const GIVEN_BACK = 0.1;
/** Once most of it has gone, what falls no more for so many steps is somebody else's, who began to watch meanwhile. */
const MOST_OF_IT = 0.5;
const STAYS_STEPS = 40;

/** What is read once it falls no more: sockets of an earlier subject are still being freed after its end. */
export async function settled(read: () => number | null): Promise<number | null> {
  let last = read();
  for (let step = 0, steady = 0; step < MOST_STEPS && steady < SETTLED_STEPS && last !== null; step++) {
    await sleep(STEP_MS);
    const now = read();
    steady = now !== null && now >= last ? steady + 1 : 0;
    last = now;
  }
  return last;
}

/** Waits until what was taken is given back, or what is `left` of it goes no further, at most a second. */
export async function untilGivenBack(left: () => number, taken: number): Promise<void> {
  let last = left();
  for (let step = 0, stays = 0; step < MOST_STEPS && stays < STAYS_STEPS; step++) {
    if (last <= taken * GIVEN_BACK) return;
    await sleep(STEP_MS);
    const now = left();
    stays = now < taken * MOST_OF_IT && now >= last ? stays + 1 : 0;
    last = now;
  }
}
