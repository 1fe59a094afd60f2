import { check, fine } from '../check.js';

const KNOWN = ['x64', 'arm64'];

export const architecture = check({
  id: 'architecture',
  group: 'program',
  anywhere: true,
  read: ({ arch }) => arch,
  judge: (arch, { experiments }) =>
    KNOWN.includes(arch)
      ? fine(arch)
      : {
          state: 'missing',
          finding: `${arch}: the layout of the kernel's structs is known for ${KNOWN.join(' and ')} only`,
          consequence: 'no child process of bench starts: nothing is measured; list and report work here',
          command: null,
          loses: experiments.map(({ id }) => id),
        },
});
