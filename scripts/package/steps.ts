import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What is done to the package, each step for real. A step that fails throws with what was printed. */

/** Somebody's folder: with a space, and letters beyond ASCII. */
export const FOLDER = 'Größe läuft – 測る';
const MOST_BYTES = 1e6;
const DEADLINE_MS = 300_000;
/** Nobody but us has a use for these. */
const OURS = /^package\/(dist\/scripts|scripts|docs)\/|\.test\.|\/testing\/|\.built$|\.tsx?$/;
const DECLARATION = /\.d\.ts$/;

export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: exit code ${status}\n${stdout}\n${stderr}`);
  return { stdout, stderr };
}

/** Packs the checkout; returns the tarball and what it weighs. */
export function pack(checkout: string, folder: string): { tarball: string; says: string } {
  run('npm', ['pack', '--pack-destination', folder], checkout);
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const tarball = join(folder, name);
  const { size } = statSync(tarball);
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  const ours = files.filter((file) => OURS.test(file) && !DECLARATION.test(file));
  if (ours.length > 0) throw new Error(`the tarball has what only we use: ${ours.join(', ')}`);
  if (size > MOST_BYTES) throw new Error(`the tarball has ${size} bytes, more than ${MOST_BYTES}`);
  return { tarball, says: `${files.length} files, ${Math.round(size / 1000)} kB` };
}

/** Installs the tarball into an empty folder with an uncommon name. */
export function install(tarball: string, folder: string): string {
  const project = join(folder, FOLDER);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "someone", "private": true, "type": "module" }\n');
  run('npm', ['install', '--no-audit', '--no-fund', tarball], project);
  return project;
}

const PROGRAM = `
import { type Capabilities, type Poller, READ } from 'pollcost/poller';
import { readRun, type Run, runSchema } from 'pollcost/results';
import { CLOSED, createPoller, HTTPServer, IOLoop, IOStream, loadedPollers, Reply, TCPServer } from 'pollcost';

const poller: Poller = createPoller('epoll');
const { trigger }: Capabilities = poller.capabilities;
const loop = new IOLoop({ poller });
class Echo extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.readUntil(Buffer.from('\\n'), (bytes) => (bytes === CLOSED ? undefined : stream.write(bytes)));
  }
}
const echo = new Echo(loop);
const server = new HTTPServer(loop, (_request, response) => response.send(new Reply(200, {}, 'fine')));
server.listen(0);
const verdicts = (run: Run): string[] => run.claims.map(({ verdict }) => verdict);
// @ts-expect-error: 4 is no interest
const wrong = () => poller.register(0, 4);
loop.callLater(1, () => loop.stop());
loop.start();
console.log([trigger, loadedPollers.includes('poll'), READ, typeof verdicts, typeof readRun, typeof wrong, typeof runSchema, typeof echo].join());
`;

/** A program in TypeScript that uses what is public, checked and compiled by the compiler of the checkout. */
export function compileProgram(checkout: string, project: string): void {
  writeFileSync(join(project, 'program.ts'), PROGRAM);
  const modules = join(checkout, 'node_modules');
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(modules, '@types/node'), join(project, 'node_modules/@types/node'));
  const options =
    '--module nodenext --target es2023 --strict --exactOptionalPropertyTypes --types node'.split(' ');
  run(join(modules, '.bin/tsc'), [...options, 'program.ts'], project);
}

export interface Line {
  readonly what: string;
  /** Below the folder of the project. */
  readonly command: readonly string[];
  readonly prints: RegExp;
}

const POLLCOST = 'node_modules/.bin/pollcost';
const BENCH = 'bench --profile quick --experiments limits,watched-fds --connections 1,10 --seed 1'.split(' ');

export const LINES: readonly Line[] = [
  { what: 'list', command: [POLLCOST, 'list'], prints: /select-wide/ },
  { what: 'doctor', command: [POLLCOST, 'doctor'], prints: /no C compiler: .*/ },
  { what: 'bench', command: [POLLCOST, ...BENCH], prints: /regular-files/ },
  { what: 'report', command: [POLLCOST, 'report'], prints: /^results\/latest\/report\/index\.html$/m },
  { what: 'import', command: ['node', 'program.js'], prints: /^level,true,1/ },
];

/** What Node prints of itself; our own begin with `warning:`. */
const NODES_WARNING = /^\(node:\d+\).*$/m;
const WRONG_ADVICE = /npm run|(?<!npx )pollcost (bench|report) /;

/** Runs one line with nothing on the PATH but this Node and a shell. */
export function tryLine({ command, prints }: Line, project: string, bin: string): void {
  const env = { HOME: project, PATH: bin, LANG: 'C.UTF-8' };
  const [file = '', ...args] = command;
  const path = file === 'node' ? join(bin, 'node') : join(project, file);
  const { stdout, stderr } = run(path, args, project, env);
  if (!prints.test(stdout))
    throw new Error(`${command.join(' ')} did not print ${prints}:\n${stdout}${stderr}`);
  const warning = NODES_WARNING.exec(stderr)?.[0];
  if (warning !== undefined) throw new Error(`${command.join(' ')} makes Node warn: ${warning}`);
  const advice = WRONG_ADVICE.exec(`${stdout}${stderr}`)?.[0];
  if (advice !== undefined)
    throw new Error(`${command.join(' ')} advises what does not work in a package: ${advice}`);
}

/** A folder for the PATH with one Node, from npm; no compiler. */
export function binOf(line: string, folder: string): { bin: string; version: string } {
  const [home, bin] = [join(folder, `node-${line}`), join(folder, `bin-${line}`)];
  for (const path of [home, bin]) mkdirSync(path);
  const name = `node-linux-${process.arch}`;
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', home, `${name}@${line}`], home);
  const node = resolve(home, 'node_modules', name, 'bin/node');
  symlinkSync(node, join(bin, 'node'));
  for (const tool of ['sh', 'env']) symlinkSync(`/bin/${tool}`, join(bin, tool));
  return { bin, version: run(node, ['--version'], home).stdout.trim() };
}
