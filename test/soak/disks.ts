import type { DavSite } from '../support/dav-server/site.js';
import type { DavNode } from '../support/dav-server/tree.js';

/** Said once more, so that a mistake in `domain/image.ts` would show. */
export function isImage(path: string, { children }: DavNode): boolean {
  return children === null && isNamedAsImage(path);
}

export function isNamedAsImage(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return (name.endsWith('.ova') || name.endsWith('.ovf')) && !name.startsWith('._');
}

/** The images on disks that are away and may come back, by path. */
export function imagesAway(
  { tree }: DavSite,
  mountPoints: Iterable<string>,
  goneForGood: ReadonlySet<string>,
): Map<string, DavNode> {
  const images = new Map<string, DavNode>();
  const walk = (members: Iterable<DavNode>, prefix: string) => {
    for (const node of members) {
      const path = `${prefix}${node.name}`;
      if (isImage(path, node)) images.set(path, node);
      walk(node.children?.values() ?? [], `${path}/`);
    }
  };
  for (const mountPoint of mountPoints) {
    const node = tree.find(mountPoint);
    if (node === undefined || goneForGood.has(mountPoint)) continue;
    walk(tree.away(node)?.values() ?? [], mountPoint === '' ? '' : `${mountPoint}/`);
  }
  return images;
}

/** So far behind the last listing a date proves that nobody has deleted anything since. */
const BEFORE_LISTING_MS = 20_000;

/** The date of a bare mount point whose disk had this one: never one that a deletion could have made. */
export function bareDate(disk: number, olderMs: number | null, listedAt: number | undefined): number {
  if (olderMs !== null) return disk - olderMs;
  const between = (listedAt ?? 0) - BEFORE_LISTING_MS;
  return between > disk + 2_000 ? between : disk - BEFORE_LISTING_MS;
}
