import type { RatioKind, Unit } from './run-schema.js';

/** Every metric that a cell may have, with its unit. */
export const METRIC_UNITS = {
  accepted: 'boolean',
  reported: 'boolean',
  registerErrno: 'count',
  cpuNsPerTurn: 'ns',
  wallNsPerTurn: 'ns',
  bindingNsPerTurn: 'ns',
  netNsPerTurn: 'ns',
  scanNsPerTurn: 'ns',
  fdsExamined: 'count',
  readyPerTurn: 'count',
  cpuNsPerCycle: 'ns',
  messageNsPerEvent: 'ns',
  cpuNsPerRegistration: 'ns',
  cpuNsPerConnectionLife: 'ns',
  cpuNsPerEvent: 'ns',
  wallUsPerChain: 'us',
  userBytes: 'bytes',
  userCopyBytes: 'bytes',
  kernelPersistentBytes: 'bytes',
  persistentBytesBySlabinfo: 'bytes',
  persistentBytesByMemoryKmem: 'bytes',
  persistentBytesByMemoryStat: 'bytes',
  kernelBlockedBytes: 'bytes',
  socketBytes: 'bytes',
  cpuShare: 'cores',
  wakeupsPerSecond: 'per_second',
  cpuUsPerRequest: 'us',
  senderUsPerRequest: 'us',
  idleNsPerFdSecond: 'ns',
  latencyP50Us: 'us',
  latencyP90Us: 'us',
  latencyP99Us: 'us',
  latencyP999Us: 'us',
  requestsPerSecond: 'per_second',
  turnsPerSecond: 'per_second',
  sleptTurnsPerSecond: 'per_second',
  eventsPerTurn: 'count',
  syscallsPerRequest: 'count',
  userBytesPerConnection: 'bytes',
  kernelBytesPerConnection: 'bytes',
  errors: 'count',
  lateBeats: 'ratio',
  syscallsPerEvent: 'count',
  cpuUsPerAccept: 'us',
  emptyWakeupsPerAccept: 'count',
  fairness: 'ratio',
} as const satisfies Record<string, Unit>;

export type MetricName = keyof typeof METRIC_UNITS;

/**
 * Of the metrics, those that the core's speed does not decide: how long an answer takes hangs on how soon a CPU is woken up
 * (docs/sentinel.md).
 */
export const WHATEVER_THE_SPEED: ReadonlySet<string> = new Set<MetricName>([
  'latencyP50Us',
  'latencyP90Us',
  'latencyP99Us',
  'latencyP999Us',
  'lateBeats',
  'errors',
  'userBytes',
  'userBytesPerConnection',
  'kernelBytesPerConnection',
]);

/** Of the metrics that are ratios, those that are no factors. */
export const METRIC_RATIOS: Readonly<Record<string, RatioKind>> = { lateBeats: 'share' } satisfies Partial<
  Record<MetricName, RatioKind>
>;
