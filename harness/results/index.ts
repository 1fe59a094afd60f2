/** What `import 'pollcost/results'` gives: the shapes of a run, and how to read one. Everything is checked on reading. */
export { DamagedFile } from './damage.js';
export { METRIC_UNITS, type MetricName } from './metrics.js';
export { readRequest, readRun, readSamples, type StoredRequest } from './run-folder.js';
export * from './run-schema.js';
export { type Round, type Sample, type SampleLine, sampleLineSchema } from './samples-schema.js';
