import type { infer as Infer, ZodType } from 'zod';

/** A file that is not what it should be: says which, where in it, and what is wrong. It is never overwritten. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  readonly file: string;

  constructor(file: string, what: string) {
    super(`${file}: ${what}`);
    this.file = file;
  }
}

/** Parses JSON text against a schema. @throws DamagedFile that names file and field */
export function parseChecked<T extends ZodType>(schema: T, text: string, file: string, where = ''): Infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DamagedFile(file, `${where}is cut off or is not JSON`);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.join('.') || 'the whole file';
  throw new DamagedFile(file, `${where}${field}: ${issue?.message ?? 'does not fit'}`);
}
