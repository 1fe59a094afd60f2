import { type Command, Option } from 'commander';
import { pathFor } from './usage.js';

/** The options of `gate` as they were typed. */
export interface GateOptions {
  readonly against?: string;
  readonly selfTest?: boolean;
  readonly init?: boolean;
  readonly baseline?: string;
  readonly current?: string;
  readonly experiments?: string;
  readonly pollers?: string;
  readonly connections?: string;
  readonly metric?: string;
  readonly command?: string;
  readonly build?: string;
  readonly margin?: string;
  readonly maxMinutes?: string;
  readonly strict?: boolean;
  readonly seed?: string;
  readonly out?: string;
  readonly json?: boolean;
  /** So many pairs and one look, instead of the two looks of the rule. */
  readonly pairs?: string;
}

export const gateOptions = (command: Command): Command =>
  command
    .option('--against <ref>', 'compare the working tree with a commit of its repository, launch by launch')
    .option(
      '--baseline <run>',
      'compare two run folders, with --current: only what holds across machines',
      pathFor('--baseline'),
    )
    .option('--current <run>', 'the run folder that is held against --baseline', pathFor('--current'))
    .option('--self-test', 'show that the gate passes what is the same and catches planted slowdowns')
    .option('--init', 'write pollcost.config.json with the defaults')
    .option('--experiments <names>', 'what a launch measures, separated by commas')
    .option('--pollers <names>', 'names, or mine=./my-poller.js for one of your own, separated by commas')
    .option('--connections <counts>', 'how many fds are watched, or connections held')
    .option(
      '--metric <names>',
      'only these metrics may fail it; whole names, poller/metric, or metric; separated by semicolons',
    )
    .option('--command <template>', 'an HTTP server of your own: "node server.js {port}"')
    .option('--build <command>', 'what makes a version ready before its --command can start')
    .option('--margin <share>', 'how much worse is still accepted (default: 0.1)')
    .option('--max-minutes <number>', 'what is not decided then is inconclusive (default: 8)')
    .option('--strict', 'inconclusive fails as well, with exit code 4')
    .option('--seed <number>', 'decides every order; drawn and printed when not given')
    .option(
      '--out <folder>',
      'where gate.json, gate.md, gate.xml and the launches go; by default results/gate-<time>',
      pathFor('--out'),
    )
    .option('--json', 'print gate.json instead of the text')
    .addOption(new Option('--pairs <count>', 'so many pairs, and one look').hideHelp())
    .addHelpText(
      'after',
      `
Exit codes: 0 passed, 3 regression, 4 inconclusive (with --strict), 2 bad input, 5 self-test failed or nothing measured.

Examples:
  pollcost gate --against main
  pollcost gate --against main --metric "epoll/cpuNsPerTurn" --pollers epoll --experiments watched-fds
  pollcost gate --against HEAD~1 --pollers mine=./my-poller.js
  pollcost gate --against main --command "node server.js {port}"
  pollcost gate --baseline results/old --current results/new
  pollcost gate --self-test`,
    );
