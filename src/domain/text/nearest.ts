/** The largest number of typing errors: letters added, missing or wrong. */
const MAX_TYPOS = 2;

/** Returns the candidate that a word with a typing error was meant to be, in any case; null if none is near. */
export function nearestOf(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= MAX_TYPOS && best.distance < best.candidate.length
    ? best.candidate
    : null;
}

/** Computes the Levenshtein distance row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, left] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, right] of [...b].entries()) {
      const substituted = (previous[column] ?? 0) + (left === right ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
