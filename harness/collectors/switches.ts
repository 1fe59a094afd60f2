import { type Collector, numberIn, readText } from './collector.js';

/** How often the subject's measuring thread had to give up its CPU although it wanted to go on. */
export const involuntarySwitches: Collector = {
  read: ({ pid }) =>
    numberIn(readText(`/proc/${pid}/task/${pid}/status`), /^nonvoluntary_ctxt_switches:\s+(\d+)/m),
};

/** How often it gave up its CPU to wait for something: its wake-ups, seen from outside. */
export const voluntarySwitches: Collector = {
  read: ({ pid }) =>
    numberIn(readText(`/proc/${pid}/task/${pid}/status`), /^voluntary_ctxt_switches:\s+(\d+)/m),
};
