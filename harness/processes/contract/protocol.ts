/** What came of one line of the contract: `why` says what went wrong, or why the line cannot hold here. */
export type Outcome =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed' | 'skipped'; readonly why: string };

/** A process that holds a user's own poller to the contract, line by line. */
export interface ContractProtocol {
  /** Loads the module and makes one poller. */
  load: {
    ask: { file: string };
    answer: { lines: readonly { readonly line: number; readonly title: string }[] };
  };
  run: { ask: { line: number }; answer: Outcome };
}
