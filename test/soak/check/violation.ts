/** An invariant is broken; what plays a history ends with it. */
export class Violation extends Error {
  override readonly name = 'Violation';

  /** `invariant` is the number in the design, or what else was promised. */
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
  }
}

/** Invariants that are not held against anything at present, to look for others behind them. */
const ignored = new Set<string>();

export function ignoreInvariants(invariants: Iterable<string>): void {
  for (const invariant of invariants) ignored.add(invariant);
}

export function demand(isKept: boolean, invariant: string, message: () => string): void {
  if (!isKept && !ignored.has(invariant)) throw new Violation(invariant, message());
}

/** Some of the paths, quoted. */
export function quoted(paths: Iterable<string>): string {
  const all = [...paths];
  const some = all.slice(0, 5).map((path) => JSON.stringify(path));
  return all.length > some.length ? `${some.join(', ')} and ${all.length - some.length} more` : some.join(', ');
}
