import type { ImageResource } from '../../domain/model/image.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { SearchFindings } from '../../domain/model/search.js';
import type { KnownContent } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';

/** One proven miss is enough; under constant change there may be many differences that prove nothing. */
const MOST_SECOND_LOOKS = 10;
/** Differences that are remembered: more than can be looked at. */
const MOST_DIFFERENCES = 1_000;

/**
 * Compares a search with what a sync has found that listed everything. What was listed before the search and is listed
 * again after it was there in between: the search missed it. In the same way, what is not listed before and after it
 * was shown wrongly. Anything else changed meanwhile and proves nothing.
 */
export async function checkSearch(
  found: readonly ImageResource[],
  {
    index,
    store,
    spaceId,
    isInReach,
    signal,
  }: {
    readonly index: Pick<KnownContent, 'shownImages'>;
    readonly store: Pick<RemoteStore, 'list'>;
    readonly spaceId: number;
    readonly isInReach: (image: ResourcePath) => boolean;
    readonly signal: AbortSignal;
  },
): Promise<Pick<SearchFindings, 'found' | 'misses'> & { readonly requests: number; readonly trouble: string | null }> {
  const surplus = new Set(found.map(({ path }) => path));
  const missing = new Set<ResourcePath>();
  for (let after: ResourcePath | null = ROOT; after !== null; ) {
    const page = await index.shownImages(spaceId, after);
    for (const { path } of page.images.filter((image) => isInReach(image.path)))
      if (!surplus.delete(path) && missing.size < MOST_DIFFERENCES) missing.add(path);
    after = page.next;
  }
  if (missing.size + surplus.size === 0) return { found: 'matched', misses: 0, requests: 0, trouble: null };

  const places = new Set([...missing, ...surplus].map(parentOf));
  let requests = 0;
  let misses = 0;
  let example: string | null = null;
  for (const place of [...places].slice(0, MOST_SECOND_LOOKS)) {
    const listing = await store.list(place, signal);
    requests += listing.requests;
    if (!listing.verdict.complete) continue;
    const listed = new Set(listing.images.map(({ path }) => path));
    const isWrong = (path: ResourcePath) => parentOf(path) === place && listed.has(path) === missing.has(path);
    const wrong = [...missing, ...surplus].filter(isWrong);
    misses += wrong.length;
    example ??= wrong[0] ?? null;
  }
  if (example === null) return { found: null, misses: 0, requests, trouble: null };
  const trouble = `it and the listings of the storage differ in ${misses} ${misses === 1 ? 'image' : 'images'}, such as /${example}; it is not used until seven full syncs in a row have found no difference`;
  return { found: 'missed', misses, requests, trouble };
}
