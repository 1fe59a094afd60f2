/** Turns the direction of writing, moves a terminal's cursor, or starts one of its commands. */
const CONTROL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** A text with its control characters as readable marks, so that it reads as what it is: `[U+202E]`. */
export const showControls = (text: string): string =>
  text.replace(CONTROL, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `[U+${code.padStart(4, '0')}]`;
  });
