/** A run of the program takes seconds: what several tests look at is made once, when the first of them asks. */
export function shared<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
