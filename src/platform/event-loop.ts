import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from '../domain/model/measurements.js';

/** How often the loop's delay is sampled: fine enough for what a person notices, at next to no cost. */
const EVERY_MS = 20;
const NS = 1e9;

/** Watches this thread's event loop; each call returns the delays since the last call. */
export function watchEventLoop(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: EVERY_MS });
  histogram.enable();
  // The histogram records the time between two samples, not the delay of the second one.
  const lateness = (ns: number) => Math.max(0, ns / NS - EVERY_MS / 1_000);
  return () => {
    const isEmpty = histogram.max === 0;
    const delay = {
      median: isEmpty ? 0 : lateness(histogram.percentile(50)),
      p99: isEmpty ? 0 : lateness(histogram.percentile(99)),
      max: isEmpty ? 0 : lateness(histogram.max),
    };
    histogram.reset();
    return delay;
  };
}
