/** When the hints of a space were last followed, in ms, and how long the next ones wait from then on. */
export interface HintPace {
  readonly followedAt: number;
  readonly gapMs: number;
}

/** The changes of a moment (an upload and its temporary file, an unpacked archive) are followed together. */
const QUIET_MS = 300;
const FIRST_GAP_MS = 1_000;
/**
 * A space that changes all the time is listed twice a minute at most: a folder of 5,000 files takes a storage half a
 * second each time.
 */
const LONGEST_GAP_MS = 30_000;

/** Returns how long a hint that comes at `now` waits, in ms; `pace` is null if its space never had one. */
export function hintWaitMs(pace: HintPace | null, now: number): number {
  if (pace === null || isOver(pace, now)) return QUIET_MS;
  return Math.max(QUIET_MS, pace.followedAt + pace.gapMs - now);
}

/** Returns the pace after hints were followed at `now`: the gap doubles while they keep coming. */
export function paceAfter(pace: HintPace | null, now: number): HintPace {
  if (pace === null || isOver(pace, now)) return { followedAt: now, gapMs: FIRST_GAP_MS };
  return { followedAt: now, gapMs: Math.min(pace.gapMs * 2, LONGEST_GAP_MS) };
}

/** Whether the space was quiet for long enough; so it is if the clock was set back. */
function isOver({ followedAt, gapMs }: HintPace, now: number): boolean {
  return now < followedAt || now - followedAt > gapMs * 2;
}
