import type { ChangeRate } from './change-rate.js';

/** A space among those that share a budget. */
export interface Looked {
  readonly rate: ChangeRate;
  /** What a look costs, in requests; at least 1. */
  readonly cost: number;
}

/** How a budget is shared out: each space's interval follows from these and its own rate and cost. */
export interface Shares {
  /** The interval of a space that costs one request and changes once a ms. */
  readonly scale: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** Between which times each space is looked at again, in ms. */
export interface Bounds {
  readonly shortestMs: number;
  readonly longestMs?: number | undefined;
}

/** No space waits longer than four of the intervals of equal shares; a tenth of that is left for queues. */
const MOST_EQUAL_INTERVALS = 3.6;
/** Halvings of the scale's exponent: from thirty decades to a millionth. */
const STEPS = 26;

/**
 * Shares out `requestsPerMs` so that the mean time until a change shows is least. For changes at random (Poisson) at
 * known rates, it is where each space is looked at in proportion to the root of its rate over its cost (Cho and
 * Garcia-Molina, "Effective page refresh policies for web crawlers", 2003), within bounds: none more often than every
 * `shortestMs`, none more rarely than every `longestMs`, whatever that takes, or than some equal intervals. If the
 * budget pays for all at the shortest, all have it.
 */
export function shareOut(
  spaces: readonly Looked[],
  requestsPerMs: number,
  { shortestMs, longestMs: latestMs = Number.POSITIVE_INFINITY }: Bounds,
): Shares {
  const equalMs = equalInterval(spaces, requestsPerMs);
  if (equalMs <= shortestMs) return { scale: 0, shortestMs, longestMs: shortestMs };
  const longestMs = Math.max(shortestMs, Math.min(latestMs, equalMs * MOST_EQUAL_INTERVALS));
  const weights = Float64Array.from(spaces, weightOf);
  const [least, most] = boundsOf(weights);
  let low = shortestMs / most;
  let high = longestMs / least;
  for (let step = 0; step < STEPS; step++) {
    const scale = Math.sqrt(low * high);
    let demand = 0;
    for (let i = 0; i < weights.length; i++) {
      const ms = scale * (weights[i] as number);
      demand += (spaces[i] as Looked).cost / (ms < shortestMs ? shortestMs : ms > longestMs ? longestMs : ms);
    }
    if (demand > requestsPerMs) low = scale;
    else high = scale;
  }
  return { scale: high, shortestMs, longestMs };
}

/** Returns the interval at which the budget pays for a look at each in turn, in ms. */
export function equalInterval(spaces: readonly Looked[], requestsPerMs: number): number {
  let cost = 0;
  for (const each of spaces) cost += each.cost;
  return cost / requestsPerMs;
}

/** Returns the time between two looks at a space, in ms. */
export function lookInterval({ scale, shortestMs, longestMs }: Shares, space: Looked): number {
  return Math.min(Math.max(scale * weightOf(space), shortestMs), longestMs);
}

/** The interval of a space at a scale of 1. */
function weightOf({ rate, cost }: Looked): number {
  return Math.sqrt((cost * rate.spanMs) / rate.changes);
}

function boundsOf(weights: Float64Array): [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const weight of weights) {
    if (weight < least) least = weight;
    if (weight > most) most = weight;
  }
  return [least, most];
}
