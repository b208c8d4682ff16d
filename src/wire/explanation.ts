import type { ExplainedReason } from '../domain/diagnosis/why-words.js';
import type { ResourcePath } from '../domain/model/path.js';

/** Why a path is in a list or not, as JSON. */
export interface ExplanationJson {
  readonly path: string;
  readonly listed: boolean;
  /** A word for programs. */
  readonly reason: string;
  readonly message: string;
  readonly action: string | null;
  readonly elsewhere: readonly string[];
}

/** `elsewhere`: other places in the space where an image of that name is listed. */
export function explanationToJson(
  path: ResourcePath,
  reason: string,
  { isListed, message, action }: ExplainedReason,
  elsewhere: readonly ResourcePath[] = [],
): ExplanationJson {
  return { path, listed: isListed, reason, message, action, elsewhere };
}
