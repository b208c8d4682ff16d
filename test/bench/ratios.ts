/** One round of a comparison: the same quantity of both sides, measured one right after the other. */
export interface Round {
  readonly ours: number;
  readonly theirs: number;
}

/** What a bench says: the quotient that is better the larger it is, from paired rounds. */
export interface Verdict {
  readonly name: string;
  /** In words: what is divided by what. */
  readonly meaning: string;
  /** Median of the rounds' quotients, or, where the machine is rarely quiet for a whole round, by `ratioOfLeast`. */
  readonly ratio: number;
  /** The rounds' quotients in the order they were measured. */
  readonly ratios: readonly number[];
  /** The least ratio that `--check` accepts; null: none is set. */
  readonly target: number | null;
  /** Absolute figures of this machine, for context. */
  readonly context: readonly string[];
}

/**
 * Measures both sides alternately, so that whatever else the machine does hits
 * both; the order within a round swaps each time.
 */
export async function measureRounds(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  onRound: (round: number, measured: Round) => void,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let n = 1; n <= rounds; n++) {
    const isOursFirst = n % 2 === 1;
    const first = await (isOursFirst ? ours() : theirs());
    const second = await (isOursFirst ? theirs() : ours());
    const round = isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first };
    measured.push(round);
    onRound(n, round);
  }
  return measured;
}

/**
 * Returns the least of theirs / the least of ours. Whatever else a machine does only adds to what something takes: of many
 * rounds the least of a side is what it takes by itself.
 */
export function ratioOfLeast(rounds: readonly Round[]): number {
  const least = (side: keyof Round) => Math.min(...rounds.map((round) => round[side]));
  return least('theirs') / least('ours');
}

/** The middle value; of an even number of them the mean of both in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
