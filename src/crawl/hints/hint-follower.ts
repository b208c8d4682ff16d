import type { Logger } from 'pino';
import { PassingTrouble } from '../../domain/model/errors.js';
import type { ResourcePath } from '../../domain/model/path.js';

/** Collections that hints have named, by their spaces. */
export type HintedCollections = Map<number, Set<ResourcePath>>;

/** Notes what hints have named of a space beside what is noted already. */
export function noteHinted(noted: HintedCollections, spaceId: number, collections: Iterable<ResourcePath>): void {
  const all = noted.get(spaceId) ?? new Set();
  for (const collection of collections) all.add(collection);
  if (all.size > 0) noted.set(spaceId, all);
}

const AGAIN_AFTER_MS = 1_000;

/**
 * Returns what follows hints. Whoever gave one is not asked again, so those that meet a passing trouble of the database are
 * followed together each second until that is over; any other failure is logged. Nothing waits for them at the end of the process.
 */
export function followThroughTrouble(
  follow: (spaceId: number, changed: readonly ResourcePath[]) => Promise<void>,
  logger: Logger,
): (spaceId: number, changed: readonly ResourcePath[]) => void {
  const left: HintedCollections = new Map();

  const onHint = (spaceId: number, changed: readonly ResourcePath[]): void => {
    follow(spaceId, changed).catch((error: unknown) => {
      if (!(error instanceof PassingTrouble)) {
        logger.error({ err: error }, 'could not follow a hint');
        return;
      }
      if (left.size === 0) setTimeout(followAgain, AGAIN_AFTER_MS).unref();
      noteHinted(left, spaceId, changed);
    });
  };
  const followAgain = () => {
    const all = [...left];
    left.clear();
    for (const [spaceId, collections] of all) onHint(spaceId, [...collections]);
  };
  return onHint;
}
