import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../harness/cli/begin.js';
import { namesIn, UsageError } from '../harness/cli/usage.js';
import { parseOptions } from './options.js';
import { binOf, compileProgram, install, LINES, pack, tryLine } from './package/steps.js';

/**
 * `npm run package -- [--nodes 20,22,24,26]`: packs this checkout, installs the tarball into an empty folder and runs it
 * there on each line of Node, without a compiler. Exit code 1 when anything differs from what a user should get.
 */

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

try {
  const { values } = parseOptions({ options: { nodes: { type: 'string', default: '20,22,24,26' } } });
  const nodes = namesIn('--nodes', values.nodes);
  const strange = nodes.find((node) => !/^\d+(\.\d+)*$/.test(node));
  if (strange !== undefined) throw new UsageError(`--nodes takes lines of Node; '${strange}' is none`);
  tryPackage(nodes);
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`package: ${(error as Error).message}`);
    process.exitCode = 2;
  } else {
    console.error(`package: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function tryPackage(nodes: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'pollcost-package-'));
  const start = performance.now();
  const say = (text: string) =>
    console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  try {
    const { tarball, says } = pack(CHECKOUT, folder);
    say(`packed: ${says}`);
    const project = install(tarball, folder);
    compileProgram(CHECKOUT, project);
    say(`installed into '${project.slice(folder.length + 1)}', and a program that imports it has its types`);
    for (const line of nodes) {
      const { bin, version } = binOf(line, folder);
      for (const each of LINES) tryLine(each, project, bin);
      say(
        `Node ${version}, no compiler: ${LINES.map(({ what }) => what).join(', ')} work, without a warning`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
