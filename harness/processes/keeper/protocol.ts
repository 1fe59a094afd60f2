/** Holds a program that is not ours, and ends it with all that it started when its parent hangs up or dies. */
export interface KeeperProtocol {
  /** Comes first. The command is a shell's; it leads a process group of its own, whose number is its pid. */
  start: { ask: { command: string; folder: string }; answer: { pid: number } };
}
