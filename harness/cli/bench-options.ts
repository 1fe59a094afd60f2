import { type Command, Option } from 'commander';
import { pathFor } from './usage.js';

/** The options of `bench` as they were typed. */
export interface BenchOptions {
  readonly profile?: string;
  readonly experiments?: string;
  readonly pollers?: string;
  readonly connections?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly seed?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  /** For the gate, whose unit is one launch: at most so many of each experiment. */
  readonly launches?: string;
  /** For the gate, too: a launch makes as many rounds as fit into so many seconds, and not fewer than planned. */
  readonly launchSeconds?: string;
  /** And with it: a file that names the cells, as JSON, for which all but the first round of a launch are. */
  readonly launchCells?: string;
  /** False: neither pages nor verdict table. */
  readonly report?: boolean;
  /** False: a user's own pollers were held to the contract before. */
  readonly contract?: boolean;
}

export const benchOptions = (command: Command): Command =>
  command
    .option('--profile <name>', 'quick, standard or thorough (default: quick)')
    .option('--experiments <names>', 'only these, separated by commas')
    .option('--pollers <names>', 'only these, separated by commas; one of your own as name=file')
    .option('--connections <counts>', 'instead of the values of the factors watched and idle')
    .option('--out <folder>', 'the run folder; by default results/<run id>', pathFor('--out'))
    .option('--seed <number>', 'decides every order; drawn and printed when not given')
    .option(
      '--resume <folder>',
      'go on with an interrupted run: only its unfinished rounds are measured',
      pathFor('--resume'),
    )
    .option('--json', 'print run.json instead of the verdicts')
    .option('--dry-run', 'print the plan with its seconds and measure nothing')
    .addOption(new Option('--launches <count>', 'at most so many launches of each experiment').hideHelp())
    .addOption(
      new Option('--launch-seconds <seconds>', 'as many rounds as fit into them, in each launch').hideHelp(),
    )
    .addOption(new Option('--launch-cells <file>', 'of these cells alone').hideHelp())
    .addOption(new Option('--no-report', 'neither pages nor verdicts').hideHelp())
    .addOption(new Option('--no-contract', 'pollers of your own were held to it before').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  pollcost bench --profile quick
  pollcost bench --experiments watched-fds --pollers poll,epoll --connections 10,100,1000
  pollcost bench --pollers epoll,mine=./my-poller.js
  pollcost bench --profile standard --seed 42 --out results/monday
  pollcost bench --resume results/latest
  pollcost bench --dry-run --profile thorough`,
    );
