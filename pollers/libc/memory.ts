import koffi from 'koffi';

/** Memory that C may write to: it never moves, and lives as long as this object does. Keep the object, not the address. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  /** As a plain number: the cheapest form in which Koffi takes a pointer. */
  readonly address: number;
}

/** Zeroed memory, 8-byte aligned. Small typed arrays live on V8's heap and move; an explicit ArrayBuffer does not. */
export function allocate(bytes: number): Memory {
  const buffer = new ArrayBuffer(Math.max(8, bytes));
  return { buffer, address: Number(koffi.address(buffer)) };
}

/** Memory that the kernel or C has made, as long as it is theirs: whoever gives it back touches the buffer no more. */
export const foreign = (address: number, bytes: number): ArrayBuffer => koffi.view(address, bytes);
