import type { ImageResource } from '../../domain/model/image.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { CommitCounts, ContentWriter } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import { isImageSettled } from '../../domain/reconcile/settled.js';

/** As many images as one commit of listings holds. */
const SHOWN_AT_ONCE = 5_000;

/**
 * Shows what a search found in a space that was never listed. Nothing claims that this is all: the space stays as it
 * is until the crawl has listed everything, which also removes what the search showed wrongly.
 */
export async function showFirst(
  found: { readonly images: readonly ImageResource[]; readonly askedAt: number | null },
  {
    index,
    lease,
    count,
  }: {
    readonly index: Pick<ContentWriter, 'show'>;
    readonly lease: Lease;
    readonly count: (counts: CommitCounts) => void;
  },
): Promise<void> {
  const { images, askedAt } = found;
  for (let at = 0; at < images.length; at += SHOWN_AT_ONCE) {
    const some = images.slice(at, at + SHOWN_AT_ONCE);
    const unsettled = new Set<ResourcePath>();
    for (const image of some) if (!isImageSettled(image, askedAt, null, false)) unsettled.add(image.path);
    count(await index.show(lease, some, unsettled));
  }
}
