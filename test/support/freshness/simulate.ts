import { type ChangeRate, rateAfterLook, UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { lookInterval, shareOut } from '../../../src/domain/freshness/look-budget.js';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface Scene {
  readonly seed: number;
  readonly spaces: number;
  readonly days: number;
  /** The interval at which the budget looks at each space in turn. */
  readonly equalMs: number;
  /** The time between two changes of the busiest space; that of the quietest is 100,000 times as long. */
  readonly busiestMs: number;
  readonly shortestMs?: number;
  /** Looks at each space at the equal interval instead. */
  readonly isEqual?: boolean;
  /** From here on each space has the rate of another one. */
  readonly shuffledAt?: number;
}

export interface Story {
  /** By day: the mean time until a change showed, in ms, and the number of looks. */
  readonly days: readonly { readonly delayMs: number; readonly looks: number }[];
  /** The longest time between two looks at one space. */
  readonly longestMs: number;
}

interface Known {
  rate: ChangeRate;
  readonly cost: number;
}

/** Simulates spaces that change at random. What is true is drawn here; the policy sees only what looks find. */
export function simulate(scene: Scene): Story {
  const { spaces: count, equalMs, shortestMs = 1_000, isEqual = false } = scene;
  const random = mulberry(scene.seed);
  const trueRates = spread(scene, random);
  const known: Known[] = trueRates.map(() => ({ rate: UNKNOWN_RATE, cost: 1 }));
  const last = new Float64Array(count);
  const heap = createHeap(count);
  const budget = count / equalMs;
  let shares = shareOut(known, budget, { shortestMs });
  for (let i = 0; i < count; i++) {
    last[i] = 0;
    heap.push(random() * equalMs, i);
  }
  const days = Array.from({ length: scene.days }, () => ({ changes: 0, delay: 0, looks: 0 }));
  let longestMs = 0;
  let isShuffled = scene.shuffledAt === undefined;
  let sharedAt = 0;
  const end = scene.days * DAY;
  for (let now = heap.first(); now < end; now = heap.first()) {
    if (!isShuffled && now >= (scene.shuffledAt as number)) {
      isShuffled = true;
      trueRates.reverse();
      for (let i = count - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [trueRates[i], trueRates[j]] = [trueRates[j] as number, trueRates[i] as number];
      }
    }
    if (now - sharedAt >= 5 * MINUTE) {
      shares = shareOut(known, budget, { shortestMs });
      sharedAt = now;
    }
    const i = heap.pop();
    const elapsed = now - (last[i] as number);
    const day = days[Math.floor(now / DAY)] as (typeof days)[number];
    const changes = poisson((trueRates[i] as number) * elapsed, random);
    for (let k = 0; k < changes; k++) day.delay += random() * elapsed;
    day.changes += changes;
    day.looks += 1;
    if (last[i] !== 0) {
      longestMs = Math.max(longestMs, elapsed);
      const its = known[i] as Known;
      its.rate = rateAfterLook(its.rate, changes > 0, elapsed);
    }
    last[i] = now;
    heap.push(now + (isEqual ? equalMs : lookInterval(shares, known[i] as Known)), i);
  }
  return {
    longestMs,
    days: days.map(({ delay, changes, looks }) => ({ delayMs: delay / changes, looks })),
  };
}

/** Rates spread evenly over five decades, in changes a ms. */
function spread({ spaces, busiestMs }: Scene, random: () => number): number[] {
  return Array.from({ length: spaces }, () => 10 ** (-5 * random()) / busiestMs);
}

/** Draws how many changes happened where `mean` are to be expected. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss(random)));
  const least = Math.exp(-mean);
  let product = random();
  let count = 0;
  for (; product > least; count++) product *= random();
  return count;
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A small random generator, the same on every machine. */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The next event first. */
function createHeap(capacity: number) {
  const at = new Float64Array(capacity + 1);
  const who = new Int32Array(capacity + 1);
  let size = 0;
  return {
    first: () => at[0] as number,
    push(time: number, id: number) {
      let i = size++;
      while (i > 0) {
        const parent = (i - 1) >> 1;
        if ((at[parent] as number) <= time) break;
        at[i] = at[parent] as number;
        who[i] = who[parent] as number;
        i = parent;
      }
      at[i] = time;
      who[i] = id;
    },
    pop(): number {
      const top = who[0] as number;
      const time = at[--size] as number;
      const id = who[size] as number;
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= size) break;
        if (child + 1 < size && (at[child + 1] as number) < (at[child] as number)) child++;
        if ((at[child] as number) >= time) break;
        at[i] = at[child] as number;
        who[i] = who[child] as number;
        i = child;
      }
      at[i] = time;
      who[i] = id;
      return top;
    },
  };
}
