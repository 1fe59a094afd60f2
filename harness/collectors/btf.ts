import { readFileSync } from 'node:fs';

/**
 * Sizes of the running kernel's structures from its BPF Type Format, which everybody may read (include/uapi/linux/btf.h). Only
 * what that needs is read: names and sizes; members are skipped.
 */

export const BTF_PATH = '/sys/kernel/btf/vmlinux';

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const TYPE_BYTES = 12;
const STRUCT = 4;

/** What follows the three words of a type, by its kind: so many bytes, and so many for each of its parts. */
const BEHIND: readonly (readonly [fixed: number, each: number])[] = [
  [0, 0],
  [4, 0], // integer
  [0, 0],
  [12, 0], // array
  [0, 12], // struct
  [0, 12], // union
  [0, 8], // enum
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 0],
  [0, 8], // signature
  [4, 0], // variable
  [0, 12], // section
  [0, 0],
  [4, 0], // tag of a declaration
  [0, 0],
  [0, 12], // enum of 64 bits
];

export class NotBtf extends Error {
  override readonly name = 'NotBtf';
}

/** The bytes of each of these structs; one that the kernel does not have is left out. @throws NotBtf */
export function structBytesIn(btf: Buffer, names: readonly string[]): Map<string, number> {
  if (btf.length < HEADER_BYTES) throw new NotBtf('ends within its header');
  const isLittle = btf.readUInt16LE(0) === MAGIC;
  if (!isLittle && btf.readUInt16BE(0) !== MAGIC) throw new NotBtf('does not begin as BTF does');
  const word = (at: number): number => (isLittle ? btf.readUInt32LE(at) : btf.readUInt32BE(at));
  const [header, typesAt, typesBytes, stringsAt] = [4, 8, 12, 16].map(word) as [
    number,
    number,
    number,
    number,
  ];
  const [from, to] = [header + typesAt, header + typesAt + typesBytes];
  const strings = header + stringsAt;
  if (to > btf.length || strings > btf.length) throw new NotBtf('ends before its types do');
  const sizes = new Map<string, number>();
  for (let at = from; at < to; ) {
    const [name, info, size] = [word(at), word(at + 4), word(at + 8)];
    const kind = (info >>> 24) & 0x1f;
    const behind = BEHIND[kind];
    if (!behind) throw new NotBtf(`has a type of kind ${kind}, which nobody knows yet`);
    if (kind === STRUCT) {
      const called = btf.toString('latin1', strings + name, btf.indexOf(0, strings + name));
      if (names.includes(called) && !sizes.has(called)) sizes.set(called, size);
    }
    at += TYPE_BYTES + behind[0] + behind[1] * (info & 0xffff);
  }
  return sizes;
}

/** Of the running kernel; null where it does not tell. */
export function structBytes(names: readonly string[], path = BTF_PATH): Map<string, number> | null {
  try {
    return structBytesIn(readFileSync(path), names);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof NotBtf || code === 'ENOENT' || code === 'EACCES') return null;
    throw error;
  }
}
