/** How long an answer is given to everybody, at least: nobody sees a page change faster. */
const AT_LEAST_MS = 1_000;
/** At most this share of the time is spent on answers, however long one takes. */
const SHARE = 0.02;
/** Nobody is shown anything older. What takes more than a second or so has mostly waited, for a machine or a database that stood still. */
const AT_MOST_MS = 60_000;

/**
 * Asks once for all who ask at the same time and for a second after that; for longer if an answer takes longer, so that work
 * whose cost grows with the number of spaces stays 2 % of a thread, but for a minute at most. A failure is not kept.
 */
export function sharedForAWhile<T>(
  ask: () => Promise<T>,
  steadyClock: () => number = () => performance.now(),
): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; until: number } | null = null;
  return () => {
    const from = steadyClock();
    if (kept !== null && from < kept.until) return kept.answer;
    const answer = ask();
    const mine = { answer, until: Number.POSITIVE_INFINITY };
    kept = mine;
    answer.then(
      () => {
        const now = steadyClock();
        mine.until = now + Math.min(AT_MOST_MS, Math.max(AT_LEAST_MS, (now - from) / SHARE));
      },
      () => {
        if (kept === mine) kept = null;
      },
    );
    return answer;
  };
}
