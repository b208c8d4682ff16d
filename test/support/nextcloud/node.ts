/** A file or folder as Nextcloud's file cache has it. */
export interface CloudNode {
  readonly id: number;
  name: string;
  parent: CloudNode | null;
  /** By name; null of a file. */
  readonly children: Map<string, CloudNode> | null;
  /** Of a file; a folder's is the sum of what lies in it. */
  sizeBytes: number;
  /** Milliseconds since the epoch; shown to the second. */
  modifiedAt: number;
  etag: string;
}

/** What is mixed into a user's home: another storage's folder, or somebody else's. */
export interface CloudMount {
  readonly type: 'group' | 'shared' | 'external';
  readonly root: CloudNode;
  /** Path within the home, without slashes around it. */
  readonly at: string;
}

/** Where a user's path leads: the node, the mount that it lies in, and whether it is that mount's own root. */
export interface CloudPlace {
  readonly node: CloudNode;
  readonly mount: CloudMount | null;
  /** Path within the home, without slashes around it. */
  readonly path: string;
}

export function sizeOf(node: CloudNode): number {
  if (node.children === null) return node.sizeBytes;
  let sum = 0;
  for (const child of node.children.values()) sum += sizeOf(child);
  return sum;
}

/** Everything below a folder, itself left out, with paths relative to it. */
export function* below(node: CloudNode, prefix = ''): Generator<readonly [string, CloudNode]> {
  for (const child of node.children?.values() ?? []) {
    const path = prefix === '' ? child.name : `${prefix}/${child.name}`;
    yield [path, child];
    yield* below(child, path);
  }
}

export const joinPath = (above: string, name: string) => (above === '' ? name : `${above}/${name}`);
export const parentPath = (path: string) => path.split('/').slice(0, -1).join('/');
export const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
