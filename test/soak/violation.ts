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

export function demand(isKept: boolean, invariant: string, message: () => string): void {
  if (!isKept) throw new Violation(invariant, message());
}

/** Some of the paths, quoted. */
export function quoted(paths: Iterable<string>): string {
  const all = [...paths];
  const some = all.slice(0, 5).map((path) => JSON.stringify(path));
  return all.length > some.length ? `${some.join(', ')} and ${all.length - some.length} more` : some.join(', ');
}
