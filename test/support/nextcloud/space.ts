import { createHash } from 'node:crypto';
import { below, type CloudMount, type CloudNode, type CloudPlace, joinPath, parentPath, sizeOf } from './node.js';
import type { CloudStorage } from './storage.js';

/** All that one user sees: the home and what is mounted into it. */
export interface CloudSpace {
  readonly home: CloudStorage;
  readonly mounts: CloudMount[];
  find(path: string): CloudPlace | null;
  /** The members of a folder: its own by name, then what is mounted there. */
  members(place: CloudPlace): readonly CloudPlace[];
  /** Everything at or below a path, storage by storage as the cache's index orders them: by size, then by id. */
  everything(path: string): readonly CloudPlace[];
  etagOf(place: CloudPlace): string;
  modifiedAt(place: CloudPlace): number;
  permissionsOf(place: CloudPlace): string;
}

export function createSpace(home: CloudStorage): CloudSpace {
  const mounts: CloudMount[] = [];
  /** A share ends when its owner deletes what was shared. */
  const live = () => mounts.filter(({ type, root }) => type !== 'shared' || root.parent !== null);
  const mountOf = (path: string) => live().find(({ at }) => path === at || path.startsWith(`${at}/`)) ?? null;
  const walk = (from: CloudNode, path: string): CloudNode | null => {
    let node: CloudNode | undefined = from;
    for (const name of path === '' ? [] : path.split('/')) node = node?.children?.get(name);
    return node ?? null;
  };
  const find = (path: string): CloudPlace | null => {
    const mount = mountOf(path);
    const node = mount === null ? home.find(path) : walk(mount.root, path.slice(mount.at.length + 1));
    return node === null ? null : { node, mount, path };
  };
  const isBelow = (path: string, above: string) => above === '' || path === above || path.startsWith(`${above}/`);
  const mountsBelow = ({ path, mount }: CloudPlace) =>
    mount === null ? live().filter(({ at }) => isBelow(at, path)) : [];
  const byIndex = (one: CloudPlace, other: CloudPlace) =>
    sizeOf(one.node) - sizeOf(other.node) || one.node.id - other.node.id;
  const byName = (one: string, other: string) => (one < other ? -1 : Number(one > other));

  return {
    home,
    mounts,
    find,
    members(place) {
      const own = [...(place.node.children?.values() ?? [])].map((node) => ({
        node,
        mount: place.mount,
        path: joinPath(place.path, node.name),
      }));
      const mounted = live()
        .filter(({ at }) => place.mount === null && parentPath(at) === place.path)
        .map((mount) => ({ node: mount.root, mount, path: mount.at }));
      const inOrder = (one: CloudPlace, other: CloudPlace) => byName(one.path, other.path);
      return [...own.sort(inOrder), ...mounted.sort(inOrder)];
    },
    everything(path) {
      const scope = find(path);
      if (scope === null) return [];
      const within = (place: CloudPlace): CloudPlace[] =>
        [...below(place.node)]
          .map(([relative, node]) => ({ node, mount: place.mount, path: joinPath(place.path, relative) }))
          .sort(byIndex);
      const mounted = mountsBelow(scope).map((mount) => ({ node: mount.root, mount, path: mount.at }));
      return [...within(scope), ...mounted.flatMap((place) => [place, ...within(place)].sort(byIndex))];
    },
    etagOf(place) {
      const mixed = mountsBelow(place).map(({ at, root }) => `${at}/${root.etag}`);
      return mixed.length === 0
        ? place.node.etag
        : createHash('md5')
            .update([place.node.etag, ...mixed].join('::'))
            .digest('hex');
    },
    modifiedAt: (place) => Math.max(place.node.modifiedAt, ...mountsBelow(place).map(({ root }) => root.modifiedAt)),
    permissionsOf({ node, mount, path }) {
      const isRoot = mount !== null && path === mount.at;
      const shared = mount?.type === 'shared' ? 'S' : '';
      const reshared = mount?.type === 'external' ? '' : 'R';
      const mounted = mount === null || mount.type === 'shared' ? '' : 'M';
      const movable = isRoot && mount.type !== 'shared' ? '' : 'DNV';
      return `${shared}${reshared}${mounted}G${movable}${node.children === null ? 'W' : 'CK'}`;
    },
  };
}
