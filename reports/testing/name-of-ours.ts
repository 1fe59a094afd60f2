/** A name as code spells it, `cpuNsPerTurn`, which stands in no sentence; kB is a unit. */
export const NAME_OF_OURS = /\b(?!kB\b)[a-z][a-z0-9]*[A-Z]\w*/;
