import { build } from 'hdr-histogram-js';
import type { Latency } from '../control/messages.js';

/** Latencies to three digits, in an HdrHistogram of nanoseconds. */
export class LatencyHistogram {
  readonly #histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    highestTrackableValue: 10e9,
    numberOfSignificantValueDigits: 3,
  });

  get count(): number {
    return this.#histogram.totalCount;
  }

  record(ns: number): void {
    this.#histogram.recordValue(Math.round(ns));
  }

  /** All 0 when nothing was recorded. */
  summary(): Latency {
    const at = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / 1000;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.maxValue / 1000 };
  }
}
