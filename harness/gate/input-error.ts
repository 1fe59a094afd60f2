/** Bad input to the gate: one line that says what is wrong and what to do. Exit code 2. */
export class GateInputError extends Error {
  override readonly name = 'GateInputError';
}

/** A version that was built could not be measured: whose launch, and what it said last. Exit code 1. */
export class LaunchFailure extends Error {
  override readonly name = 'LaunchFailure';
}
