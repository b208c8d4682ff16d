import type { ImageResource } from '../../domain/model/image.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { SearchFindings } from '../../domain/model/search.js';
import type { CommitCounts, ContentWriter, KnownContent } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import { judgeSecondLook } from '../../domain/reconcile/second-look.js';
import { counted } from '../../domain/text/counted.js';
import { showFirst } from './first-look.js';

/** One proven miss is enough; under constant change there may be many differences that prove nothing. */
const MOST_SECOND_LOOKS = 10;
/** Differences that are remembered: more than can be looked at. */
const MOST_DIFFERENCES = 1_000;

/**
 * Compares a search with what a sync has found that listed everything. What was listed before the search and is listed
 * again after it was there in between: the search missed it. In the same way, what is not listed before and after it
 * was shown wrongly. Anything else changed meanwhile, or was listed wrongly at first, and proves nothing: what is there
 * after all is shown, and the next sync lists its collection again.
 */
export async function checkSearch(
  found: readonly ImageResource[],
  {
    index,
    store,
    lease,
    count,
    warn,
    isInReach,
    signal,
  }: {
    readonly index: Pick<KnownContent, 'shownImages'> & Pick<ContentWriter, 'show' | 'distrust'>;
    readonly store: Pick<RemoteStore, 'list'>;
    readonly lease: Lease;
    readonly count: (more: CommitCounts) => void;
    readonly warn: (collection: ResourcePath, message: string) => void;
    readonly isInReach: (image: ResourcePath) => boolean;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly findings: SearchFindings; readonly requests: number }> {
  const surplus = new Set(found.map(({ path }) => path));
  const missing = new Set<ResourcePath>();
  for (let after: ResourcePath | null = ROOT; after !== null; ) {
    const page = await index.shownImages(lease.spaceId, after);
    for (const { path } of page.images) {
      if (isInReach(path) && !surplus.delete(path) && missing.size < MOST_DIFFERENCES) missing.add(path);
    }
    after = page.next;
  }
  if (missing.size + surplus.size === 0) return { findings: { ...UNDECIDED, found: 'matched' }, requests: 0 };

  const places = new Set([...missing, ...surplus].map(parentOf));
  let requests = 0;
  const wrong: ResourcePath[] = [];
  for (const place of [...places].slice(0, MOST_SECOND_LOOKS)) {
    const listing = await store.list(place, signal);
    requests += listing.requests;
    if (!listing.verdict.complete) {
      const { failure, detail } = listing.verdict;
      // What is gone has been searched for just before it went; of anything else nobody knows whether it is listed whole.
      if (failure !== 'not-found' && failure !== 'no-collection') warn(place, detail);
      continue;
    }
    const look = judgeSecondLook(place, listing.images, { missing, surplus });
    wrong.push(...look.wrong);
    if (!look.isOther) continue;
    await index.distrust(lease, place);
    await showFirst({ images: look.appeared, askedAt: listing.askedAt }, { index, lease, count });
  }
  return { findings: wrong.length === 0 ? UNDECIDED : missedBy(wrong), requests };
}

const UNDECIDED: SearchFindings = { found: null, misses: 0, searchedMarker: null, trouble: null };

/** Returns what is found of a search that differs from the listings of the storage in these images. */
export function missedBy(images: readonly ResourcePath[]): SearchFindings {
  const [example = ROOT] = images;
  const misses = images.length;
  const trouble = `it and the listings of the storage differ in ${counted(misses, 'image')}, such as /${example}; it is not used until seven full syncs in a row have found no difference`;
  return { found: 'missed', misses, searchedMarker: null, trouble };
}
