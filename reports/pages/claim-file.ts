import { createHash } from 'node:crypto';

const PLAIN = /^[a-z0-9][a-z0-9-]{0,80}$/;

/** The file of a claim's page: its id where that is a plain name, as all of ours are; otherwise a number that stands for it. */
export const claimFile = (id: string): `${string}.html` =>
  PLAIN.test(id)
    ? `claim-${id}.html`
    : `claim-${createHash('sha256').update(id).digest('hex').slice(0, 16)}.html`;
