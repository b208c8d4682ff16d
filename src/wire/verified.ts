/** What was found about one file of an image, in one word. */
export type VerifiedResult = 'ok' | 'differs' | 'missing' | 'unmentioned' | 'unlooked';

/** A file that was compared with a sum, as JSON; sums are in lower-case hex. */
export interface VerifiedJson {
  /** The image, as it was named. */
  readonly file: string;
  readonly manifest: string;
  readonly name: string;
  /** null if there is no such file, or it was not read. */
  readonly size: number | null;
  readonly result: VerifiedResult;
  readonly algorithm: string | null;
  readonly expected_sum: string | null;
  readonly actual_sum: string | null;
}

/** What was found; `outcome` and the rest are as the manifest and the bytes say. */
export interface VerifiedFacts {
  readonly name: string;
  readonly outcome: VerifiedResult;
  readonly sizeBytes: number | null;
  readonly algorithm: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** Returns one file of an image as JSON. */
export function verifiedToJson(file: string, manifest: string, facts: VerifiedFacts): VerifiedJson {
  const { name, outcome, sizeBytes, algorithm, expected, actual } = facts;
  return {
    file,
    manifest,
    name,
    size: sizeBytes,
    result: outcome,
    algorithm,
    expected_sum: expected,
    actual_sum: actual,
  };
}

/** Returns a file of which the manifest says nothing, or that was not looked at, so that nothing is known of it. */
export function unverifiedToJson(
  file: string,
  manifest: string,
  name: string,
  outcome: 'unmentioned' | 'unlooked',
): VerifiedJson {
  const unknown = { sizeBytes: null, algorithm: null, expected: null, actual: null };
  return verifiedToJson(file, manifest, { name, outcome, ...unknown });
}
