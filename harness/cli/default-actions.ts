const ENDS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/**
 * The kernel gives process 1, a container's first, no default action: it drops a signal that nobody has a handler for. Ends it
 * as any other process would end, unless somebody else listens to the signal. The kernel then ends all that it started.
 */
export function restoreDefaultActions(): void {
  if (process.pid !== 1) return;
  for (const [signal, code] of Object.entries(ENDS)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}
