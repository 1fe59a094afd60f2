/** One figure of what the harness itself costs, with the limit that it is held to, if there is one. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly limit?: string;
  readonly ok?: boolean;
  /** Why there is no figure. */
  readonly skipped?: string;
}

/** A group of rows: measured together, both sides interleaved. */
export interface SelfCost {
  readonly title: string;
  measure(): Promise<readonly Row[]>;
}

export const held = (what: string, figure: string, value: number, limit: number, unit: string): Row => ({
  what,
  figure,
  limit: atMost(limit, unit),
  ok: value <= limit,
});

/** A row that could not be measured here, whatever its limit; that misses nothing. */
export const skipped = (what: string, reason: string, limit?: number, unit = ''): Row => ({
  what,
  figure: 'skipped',
  ...(limit === undefined ? {} : { limit: atMost(limit, unit) }),
  skipped: reason,
});

const atMost = (limit: number, unit: string): string => `at most ${limit}${unit}`;
