import type { Clock } from '../../domain/ports/clock.js';

/** One moment by both clocks of a host, in ms: its monotonic one may stand still while it sleeps, its wall clock may be set. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** When stamps were last known to be right. */
export interface Proofs {
  /** Notes that whatever had been committed before this moment has been told under this stamp or an earlier one. */
  note(stamp: number, moment: Moment): void;
  /** Returns how many ms ago a stamp was last known to be right; infinite if that was too long ago, or never. */
  ageOf(stamp: number): number;
  /** Forgets all of them. */
  clear(): void;
}

/** Nothing is served for longer, so nobody asks for more; see `api.serveStale`. */
const KEPT_MS = 3_600_000;
/** There may be a hundred proofs a second. */
const EVERY_MS = 1_000;

interface Proof {
  readonly stamp: number;
  readonly moment: Moment;
}

/** Creates a store of proofs, of which one a second is kept, so that ages may be a second too long. */
export function createProofs(monotonic: Clock, wall: Clock): Proofs {
  let kept: Proof[] = [];
  let last: Proof | null = null;
  const ageAt = ({ moment }: Proof) => Math.max(monotonic() - moment.monotonic, wall() - moment.wall);
  return {
    note(stamp, moment) {
      last = { stamp, moment };
      const before = kept.at(-1);
      if (before !== undefined && moment.monotonic - before.moment.monotonic < EVERY_MS) return;
      kept.push(last);
      if (moment.monotonic - (kept[0]?.moment.monotonic ?? 0) > 2 * KEPT_MS) {
        kept = kept.filter((each) => moment.monotonic - each.moment.monotonic <= KEPT_MS);
      }
    },
    ageOf(stamp) {
      const proof = last !== null && last.stamp <= stamp ? last : kept.findLast((each) => each.stamp <= stamp);
      const age = proof === undefined ? Number.POSITIVE_INFINITY : ageAt(proof);
      return age > KEPT_MS ? Number.POSITIVE_INFINITY : age;
    },
    clear() {
      kept = [];
      last = null;
    },
  };
}
