/** One figure of what the harness itself costs, with the limit that it is held to, if there is one. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly limit?: string;
  readonly ok?: boolean;
}

/** A group of rows: measured together, both sides interleaved. */
export interface SelfCost {
  readonly title: string;
  measure(): Promise<readonly Row[]>;
}

export const held = (what: string, figure: string, value: number, limit: number, unit: string): Row => ({
  what,
  figure,
  limit: `at most ${limit}${unit}`,
  ok: value <= limit,
});
