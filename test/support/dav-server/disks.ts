import type { DavMarker } from './markers.js';
import type { DavNode } from './node.js';

/** Disks that are mounted in collections of a tree and may be away for a while. */
export interface DavDisks {
  /** Takes away all that the collection holds; what shows in its place has the bare mount point's marker and these members. */
  detach(mountPoint: DavNode, bare: DavMarker, strays: readonly DavNode[]): void;
  /** Brings it back over what lies in the mount point, with the marker that it had. */
  attach(mountPoint: DavNode): void;
  /** What lies on the disk that belongs here and is away; undefined where none is. */
  away(mountPoint: DavNode): ReadonlyMap<string, DavNode> | undefined;
}

interface Disk extends DavMarker {
  readonly members: ReadonlyMap<string, DavNode>;
}

export function createDavDisks(): DavDisks {
  const disks = new Map<DavNode, Disk>();
  /** In place: links share the map of the collection that they lead to. */
  const show = (node: DavNode, members: Iterable<readonly [string, DavNode]>, { modifiedAt, version }: DavMarker) => {
    node.children?.clear();
    for (const [key, member] of members) node.children?.set(key, member);
    node.modifiedAt = modifiedAt;
    node.version = version;
  };

  return {
    detach(mountPoint, bare, strays) {
      const { modifiedAt, version, children } = mountPoint;
      disks.set(mountPoint, { modifiedAt, version, members: new Map(children ?? []) });
      show(
        mountPoint,
        strays.map((stray) => [stray.key, stray] as const),
        bare,
      );
    },
    attach(mountPoint) {
      const disk = disks.get(mountPoint);
      if (disk === undefined) throw new Error(`no disk of "${mountPoint.name}" is away`);
      disks.delete(mountPoint);
      show(mountPoint, disk.members, disk);
    },
    away: (mountPoint) => disks.get(mountPoint)?.members,
  };
}
