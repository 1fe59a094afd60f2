import { type Collector, numberIn, readText } from './collector.js';

/** How often the subject's measuring thread had to give up its CPU although it wanted to go on. */
export const involuntarySwitches: Collector = {
  read: ({ pid }) =>
    numberIn(readText(`/proc/${pid}/task/${pid}/status`), /^nonvoluntary_ctxt_switches:\s+(\d+)/m),
};
