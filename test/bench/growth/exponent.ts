/** How a cost follows its input over some sizes, each larger than the one before. */
export interface Growth {
  /** Of each step: by which power of the input the cost has grown. */
  readonly steps: readonly number[];
  /** The same from the first size to the last. */
  readonly overall: number;
  /** The power by which what comes on top of a fixed share has grown; null if too little does to tell. */
  readonly beyondFixed: number | null;
}

/** Unless a cost doubles from the first size to the next, too little is known of what comes on top of its fixed share. */
const TOLD_FROM_SHARE = 1;

/**
 * Returns the powers. A cost `a + b * n^k` at sizes `n`, `q n` and `q² n` grows by amounts whose quotient is `q^k`, whatever `a`
 * is: that is how a fixed share is left out.
 */
export function growthOf(sizes: readonly number[], costs: readonly number[]): Growth {
  const power = (from: number, to: number) =>
    Math.log((costs[to] ?? 0) / (costs[from] ?? 0)) / Math.log((sizes[to] ?? 0) / (sizes[from] ?? 0));
  const last = sizes.length - 1;
  const steps = sizes.slice(1).map((_size, at) => power(at, at + 1));
  return { steps, overall: power(0, last), beyondFixed: beyondFixed(sizes, costs) };
}

function beyondFixed(sizes: readonly number[], costs: readonly number[]): number | null {
  const [first = 0, middle = 0, last = 0] = costs.slice(-3);
  const [small = 1, large = 1] = sizes.slice(-2);
  if (costs.length < 3 || middle - first < first * TOLD_FROM_SHARE || last <= middle) return null;
  return Math.log((last - middle) / (middle - first)) / Math.log(large / small);
}

/** What a cost may do as its input grows. */
export type Bound = 'flat' | 'as its input';

/** A tenth for what a larger file costs in caches and depth of trees, and room for what a busy machine adds. */
const LIMITS: Readonly<Record<Bound, number>> = { flat: 0.2, 'as its input': 1.15 };

/** The power that counts, and the largest that is allowed. */
export function judge({ steps, overall, beyondFixed }: Growth, bound: Bound): Judgement {
  const limit = LIMITS[bound];
  // What must not grow is held against its whole, of which a fixed share is part.
  if (bound === 'flat') return { power: overall, limit };
  // A fixed share only makes the whole grow more slowly: if it grows faster, there is no such share.
  return { power: beyondFixed === null ? Math.max(...steps) : Math.max(beyondFixed, overall), limit };
}

export interface Judgement {
  readonly power: number;
  readonly limit: number;
}

/** Whether something grows faster than it may; so does whatever was not measured. */
export function isTooFast({ power, limit }: Judgement): boolean {
  return !(power <= limit);
}
