/** A command line that a document shows, and where. */
export interface DocumentedCommand {
  readonly file: string;
  readonly line: number;
  readonly command: string;
}

/** What a span of code begins with that somebody may type. `pollcost` alone is the program's name. */
const TYPED = /^(npm (ci|test|run|install)|npx pollcost|pollcost [a-z-]|docker |apt-get )/;

/** Every command in blocks marked `sh`, a line each without its comment, and in spans of code. */
export function commandsIn(file: string, markdown: string): DocumentedCommand[] {
  const found: DocumentedCommand[] = [];
  let fence: string | null = null;
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1;
    const mark = /^```(\w*)/.exec(text);
    if (mark) {
      fence = fence === null ? (mark[1] ?? '') : null;
      continue;
    }
    if (fence === 'sh') {
      const command = text.replace(/\s+#\s.*$/, '').trim();
      if (command !== '' && !command.startsWith('#')) found.push({ file, line, command });
    } else if (fence === null) {
      for (const [, span = ''] of text.matchAll(/`([^`]+)`/g)) {
        const command = span.replaceAll('\\|', '|');
        if (TYPED.test(command)) found.push({ file, line, command });
      }
    }
  }
  return found;
}

/** Blocks of which nobody says what they are, and that look as if they were to be typed. */
export const unmarkedCommands = (markdown: string): string[] =>
  [...markdown.matchAll(/^```\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => TYPED.test(line)),
  );
