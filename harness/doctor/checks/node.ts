import { check, fine } from '../check.js';

export const node = check({
  id: 'node',
  group: 'program',
  anywhere: true,
  read: ({ node: version }) => version,
  judge: (version, { oldestNode, experiments }) =>
    isAtLeast(version, oldestNode)
      ? fine(`Node ${version}`)
      : {
          state: 'missing',
          finding: `Node ${version} is too old: ${oldestNode} or later is needed`,
          consequence: 'no command is sure to work: nothing is measured',
          command: 'nvm install 20',
          loses: experiments.map(({ id }) => id),
        },
});

function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = oldest.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
