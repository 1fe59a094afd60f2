#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import './begin.js';
import { asTyped } from '../collectors/invocation.js';
import { benchOptions } from './bench-options.js';
import { restoreDefaultActions } from './default-actions.js';
import { gateOptions } from './gate-options.js';
import { complain } from './standard-streams.js';
import { pathFor, UsageError } from './usage.js';

/** The command line. Each command's file is loaded when it is called: `list` has no use for charts. */

restoreDefaultActions();

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const tool = `pollcost ${version}`;

const program = new Command('pollcost')
  .description(
    'What do select, poll and epoll cost, per file descriptor, in CPU and in memory, on this machine?',
  )
  .version(version, '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .helpCommand(false)
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .addHelpText(
    'after',
    `
Examples:
  pollcost bench                          measure everything, about a minute; prints the verdicts
  pollcost bench --profile standard       the same with more conditions and rounds
  pollcost doctor                         what this machine can and cannot measure
  pollcost list claims                    the sentences under test
  pollcost report                         build the pages of the newest run again
  pollcost predict --poller poll --watched 500 --ready 5   what a turn costs, by that run's model

Exit codes: 0 fine, 1 the tool or an experiment failed, 2 usage or bad input, 3 a regression and 4 an inconclusive gate (with --strict),
5 the subject cannot run here, a gate measured nothing or its self-test failed, 130 and 143 after SIGINT and SIGTERM.`,
  );

benchOptions(program.command('bench'))
  .description('measure, write the run folder and its report, print the verdicts')
  .action(async (options) => {
    // In parts: Node opens all files of a graph at once, and a limit of 64 fds has no room for the whole of this one.
    await import('../experiments/registry.js');
    await import('../claims/registry.js');
    const { bench } = await import('./bench.js');
    process.exitCode = await bench(options, tool);
  });

program
  .command('serve')
  .requiredOption('--poller <name>', 'what it waits with (see list pollers)')
  .requiredOption('--app <name>', 'fixed, echo or http')
  .option('--port <number>', 'by default one that is free')
  .option('--host <address>', 'by default 127.0.0.1')
  .option('--processes <number>', 'how many serve the port; 0: one for each CPU (default 1)')
  .description('run one server until a signal, or the end of its stdin when that is a pipe or a socket')
  .addHelpText('after', '\nExamples:\n  pollcost serve --poller epoll --app fixed --port 8080')
  .action(async (options) => {
    const { serve } = await import('./serve.js');
    await serve(options);
  });

program
  .command('report')
  .argument(
    '[run...]',
    'the folder of a run, or what export made of it, by default results/latest; several are held against the first',
    (path: string, before: readonly string[] | undefined) => [...(before ?? []), pathFor('report')(path)],
  )
  .description("build a run's pages again from its files; of several runs, a page that compares them as well")
  .addHelpText(
    'after',
    '\nExamples:\n  pollcost report\n  pollcost report results/20261123T044500Z-7f3a\n  pollcost report results/monday results/latest',
  )
  .action(async (runs: readonly string[]) => {
    const { report } = await import('./report.js');
    await report(runs.length > 0 ? runs : ['results/latest']);
  });

program
  .command('export')
  .argument('[run]', 'the folder of a run; by default results/latest', pathFor('export'), 'results/latest')
  .option('--out <file>', 'by default RUN-ID.pollcost.gz', pathFor('--out'))
  .option('--samples', 'all samples, however large the file gets')
  .description('pack a run into one file below 5 MiB, for others: no path, host or user is in it')
  .addHelpText(
    'after',
    `
Where it would be larger, of each launch every second round's samples are left out, or three of four, and so on.

Examples:
  pollcost export
  pollcost export results/monday --samples --out monday.pollcost.gz
  pollcost report monday.pollcost.gz`,
  )
  .action(async (folder: string, options: { out?: string; samples?: boolean }) => {
    const { exportRun } = await import('./export.js');
    exportRun(folder, options);
  });

program
  .command('predict')
  .requiredOption('--poller <name>', 'what waits (see list pollers)')
  .requiredOption('--watched <number>', 'fds that are watched')
  .requiredOption('--ready <number>', 'of which so many are ready in each turn')
  .option('--churn <number>', 'registrations replaced per 100 turns; by default 0')
  .option('--timeout <kind>', 'zero, finite, infinite or slept; by default finite')
  .option('--wakes <number>', 'with --timeout slept, how often a second it is woken; by default 500')
  .option('--run <folder>', 'the run whose model predicts; by default results/latest', pathFor('--run'))
  .option('--json', 'print JSON')
  .description('what a turn costs by the model of a run: ns with their interval, and what they are paid for')
  .addHelpText(
    'after',
    `
Examples:
  pollcost predict --poller poll --watched 500 --ready 5
  pollcost predict --poller epoll --watched 500 --ready 5 --churn 100 --timeout zero`,
  )
  .action(async (options) => {
    const { predict } = await import('./predict.js');
    predict(options);
  });

program
  .command('compare')
  .argument('<a>', 'the folder of a run')
  .argument('<b>', 'the folder of another one')
  .argument('[more...]', 'and of any number of further ones: then verdicts and the main figures of all')
  .option('--json', 'print JSON: every metric of both runs')
  .option('--markdown', 'print Markdown')
  .description('two runs side by side, with intervals: what differs beyond noise')
  .addHelpText(
    'after',
    '\nExamples:\n  pollcost compare results/monday results/latest --markdown\n  pollcost compare machines/*.pollcost.gz',
  )
  .action(async (a: string, b: string, more: string[], options: { json?: boolean; markdown?: boolean }) => {
    if (more.length > 0) {
      const { compareMany } = await import('./compare-many.js');
      compareMany([a, b, ...more], options);
      return;
    }
    const { compare } = await import('./compare.js');
    compare(a, b, options);
  });

program
  .command('history')
  .argument('<run...>', 'the folders of runs')
  .option('--metric <name>', "a metric's whole name, as gate and compare print it")
  .option('--json', 'print JSON')
  .option('--out <file>', 'also a page: every poller that has the metric, with its steps', pathFor('--out'))
  .description('a metric over many runs, with intervals, and where it changed')
  .addHelpText(
    'after',
    "\nExamples:\n  pollcost history results/2*\n  pollcost history results/2* --out history.html\n  pollcost history results/2* --metric 'watched-fds/poll/growth(watched=1..1000,ready=0,position=none,timeout=zero)'",
  )
  .action(async (folders: string[], options: { metric?: string; json?: boolean; out?: string }) => {
    const { history } = await import('./history.js');
    await history(folders, options);
  });

program
  .command('gallery')
  .argument('<run...>', 'the folders of runs, or what export made of them', (path: string, before) => [
    ...((before as readonly string[] | undefined) ?? []),
    pathFor('gallery')(path),
  ])
  .option('--out <folder>', 'where the pages go; by default results/gallery', pathFor('--out'))
  .description('a card for each run, with its machine, its verdicts and its chart, and its pages behind it')
  .addHelpText(
    'after',
    '\nThe folder needs nothing beside it: put it on any site.\n\nExamples:\n  pollcost gallery machines/*.pollcost.gz\n  pollcost gallery results/2* --out machines',
  )
  .action(async (runs: readonly string[], options: { out?: string }) => {
    const { gallery } = await import('./gallery.js');
    await gallery(runs, options);
  });

gateOptions(program.command('gate'))
  .description('the performance gate: is this version slower than that one?')
  .action(async (options) => {
    const { gate } = await import('./gate.js');
    process.exitCode = await gate(options);
  });

program
  .command('check')
  .argument('<file>', 'a module whose default export makes a poller')
  .option('--json', 'print JSON')
  .description(
    'hold a poller of your own to the contract: each behaviour passed, failed, or skipped with its reason',
  )
  .addHelpText(
    'after',
    `
Exit code 1 when a behaviour failed, 2 when the file makes no poller.

Examples:
  pollcost check ./my-poller.js
  pollcost bench --pollers epoll,mine=./my-poller.js`,
  )
  .action(async (file: string, options: { json?: boolean }) => {
    const { check } = await import('./check.js');
    process.exitCode = await check(file, options);
  });

program
  .command('doctor')
  .option('--json', 'print JSON: id, group, state, finding, consequence and command of each check')
  .addOption(new Option('--speeds <seconds>', "look at the CPU's speeds for so long").hideHelp())
  .description('what this machine can and cannot measure, and what would change that; changes nothing itself')
  .addHelpText(
    'after',
    `
States: fine; limited: something is measured worse or left out; missing: an experiment, a series or a claim is skipped.

Examples:
  pollcost doctor
  pollcost doctor --json | jq '.[] | select(.state != "fine")'`,
  )
  .action(async (options: { json?: boolean; speeds?: string }) => {
    // In parts, as bench: it has to load where nothing else does.
    await import('../collectors/environment.js');
    await import('../run/speeds.js');
    await import('../doctor/machine.js');
    await import('../doctor/diagnosis.js');
    const { doctor } = await import('./doctor.js');
    await doctor(options);
  });

program
  .command('list')
  .argument('[what]', 'pollers, experiments or claims')
  .option('--json', 'print JSON')
  .description('what there is, with one line each')
  .addHelpText('after', '\nExamples:\n  pollcost list\n  pollcost list experiments --json')
  .action(async (what: string | undefined, options: { json?: boolean }) => {
    const { list } = await import('./list.js');
    list(what, options);
  });

/** Errors whose message is written for the user and says what to do, and the exit code that they mean. */
const EXIT_CODES = new Map([
  ['UsageError', 2],
  ['UnusablePoller', 2],
  ['DamagedFile', 2],
  ['UnusableFolder', 2],
  ['ImpossibleValue', 2],
  ['GateInputError', 2],
  ['StorageFailure', 1],
  ['LaunchFailure', 1],
  ['ServerFailure', 1],
  ['TooFewFds', 5],
  // The subject could not even be asked what it can do.
  ['ChildFailure', 5],
]);

try {
  if (process.argv.length <= 2)
    throw new UsageError(`no command given; try '${asTyped('bench')}' or '${asTyped('--help')}'`);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Commander puts its hint on a line of its own.
    complain(
      error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/, "; did you mean '$1'?"),
    );
    return 2;
  }
  const known = error instanceof Error ? EXIT_CODES.get(error.name) : undefined;
  if (error instanceof Error && known !== undefined) {
    complain(error.message);
    return known;
  }
  if (lacksFds(error)) {
    complain(
      "not enough fds to load this program (EMFILE): raise the limit, 'ulimit -n 32768'; pollcost doctor says more",
    );
    return 5;
  }
  complain(isOfSystem(error) ? error.message : error instanceof Error ? `${error.stack}` : String(error));
  return 1;
}

/** A file or a stream that fails says what and where in one line; a stack adds nothing. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

/** Under a limit that is too low for loading a package that is there is not found, either. */
function lacksFds(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code !== 'ERR_MODULE_NOT_FOUND') return code === 'EMFILE';
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1]) < 64;
  } catch (unreadable) {
    return (unreadable as NodeJS.ErrnoException).code === 'EMFILE';
  }
}
