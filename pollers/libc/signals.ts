import { check, declare } from './call.js';

/** Signals whose numbers are the same on every Unix that a poller knows. */

const alarm = declare<(seconds: number) => number>('unsigned int alarm(unsigned int)');

/** SIGALRM ends this process in so many seconds, even inside a system call that blocks; 0 calls it off. */
export function endProcessIn(seconds: number): void {
  alarm(seconds);
}

const signal = declare<(signum: number, handler: number) => number>('long signal(int, void *)');
const SIGINT = 2;
const SIG_IGN = 1;

/** SIGINT no longer reaches this process. */
export function ignoreInterrupts(): void {
  check(signal(SIGINT, SIG_IGN), 'signal');
}
