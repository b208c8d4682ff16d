import { median } from '../ratios.js';

/** What something takes. */
export interface Cost {
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** The most memory that the process held at once; null if it was not looked at. */
  readonly peakBytes: number | null;
}

/** A cost, and the time over which it was looked at. */
export interface CostOfTime extends Cost {
  readonly wallMs: number;
}

/** Costs by the names of what takes them. */
export type Costs = ReadonlyMap<string, Cost>;

/** Of one look: less is a matter of chance. */
const LEAST_MS = 0.1;

/** What one of so many looks takes, by series of them and by times at rest. */
export function costOfOne(series: readonly CostOfTime[], rests: readonly CostOfTime[], times: number): Cost {
  const atRest = median(rests.map(({ cpuMs, wallMs }) => cpuMs / wallMs));
  const beyondRest = median(series.map(({ cpuMs, wallMs }) => cpuMs - atRest * wallMs));
  const peakBytes = Math.max(...series.map((each) => each.peakBytes ?? Number.NaN));
  return { cpuMs: Math.max(LEAST_MS, beyondRest / times), peakBytes };
}
