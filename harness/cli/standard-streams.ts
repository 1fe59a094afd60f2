import { showControls } from '../results/shown-controls.js';

/**
 * What happens where the program's output cannot go; by default Node ends the program in the middle with a stack. On
 * stderr: nothing is said any more, and the work goes on. On stdout, a reader that has had enough takes nothing away
 * from the work either; any other error is a failure of the output, which is told once the work is done.
 */
export function outliveOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (READER_GONE.includes(error.code ?? '')) return;
    complain(`standard output cannot be written: ${error.message}`);
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
  });
}

/** Of a pipe and of a socket. */
const READER_GONE = ['EPIPE', 'ECONNRESET'];

export function complain(message: string): void {
  process.stderr.write(`pollcost: ${showControls(message)}\n`);
}
