import { createHash } from 'node:crypto';
import { baseName, type CloudNode, parentPath } from './node.js';

/** What a test may lay down of a node; the rest is made up. */
export interface NodeTraits {
  readonly id?: number;
  readonly sizeBytes?: number;
  readonly modifiedAt?: number;
  readonly etag?: string;
}

/** One storage with its cache: a home, a team folder, an external storage. A change renews every ETag up to its root. */
export interface CloudStorage {
  readonly root: CloudNode;
  find(path: string): CloudNode | null;
  /** Writes a file, with the folders above it where they lack. Answers whether it is new. */
  put(path: string, traits?: NodeTraits): { readonly node: CloudNode; readonly isNew: boolean };
  makeFolder(path: string, traits?: NodeTraits): CloudNode;
  remove(path: string): CloudNode;
  /** Within the storage; a name that stands there is replaced. */
  move(from: string, to: string): CloudNode;
  /** Puts a node that lies nowhere into a folder. */
  adopt(node: CloudNode, path: string): void;
  /** Renews dates and ETags from this folder up to the root. */
  touch(folder: CloudNode): void;
  /** Lays down what a node shows, without a change being noticed above it. */
  set(node: CloudNode, traits: NodeTraits): void;
}

/** Numbers and ETags, which all storages of a cloud draw from one source. */
export interface CloudMint {
  readonly now: () => number;
  nextId(): number;
  /** As PHP's uniqid: folders have such. */
  folderEtag(): string;
  fileEtag(): string;
}

export function createMint(now: () => number): CloudMint {
  let lastId = 12;
  let drawn = 0;
  return {
    now,
    nextId: () => ++lastId,
    folderEtag: () => (0x6b081e1532eb9 + ++drawn).toString(16),
    fileEtag: () => createHash('md5').update(`file ${++drawn}`).digest('hex'),
  };
}

export function createStorage(mint: CloudMint): CloudStorage {
  const makeNode = (name: string, isFolder: boolean, traits: NodeTraits): CloudNode => ({
    id: traits.id ?? mint.nextId(),
    name,
    parent: null,
    children: isFolder ? new Map() : null,
    sizeBytes: traits.sizeBytes ?? 0,
    modifiedAt: traits.modifiedAt ?? mint.now(),
    etag: traits.etag ?? (isFolder ? mint.folderEtag() : mint.fileEtag()),
  });
  const root = makeNode('', true, {});

  const find = (path: string): CloudNode | null => {
    let node: CloudNode | undefined = root;
    for (const name of path === '' ? [] : path.split('/')) node = node?.children?.get(name);
    return node ?? null;
  };
  const touch = (folder: CloudNode) => {
    for (let node: CloudNode | null = folder; node !== null; node = node.parent) {
      node.etag = mint.folderEtag();
      node.modifiedAt = mint.now();
    }
  };
  const adopt = (node: CloudNode, path: string) => {
    const folder = makeFolder(parentPath(path));
    node.name = baseName(path);
    node.parent = folder;
    folder.children?.set(node.name, node);
    touch(folder);
  };
  const makeFolder = (path: string, traits: NodeTraits = {}): CloudNode => {
    const known = find(path);
    if (known?.children === null) throw new Error(`"${path}" is a file`);
    if (known !== null) return known;
    const folder = makeNode(baseName(path), true, traits);
    adopt(folder, path);
    return folder;
  };
  const remove = (path: string): CloudNode => {
    const node = find(path);
    if (node === null || node.parent === null) throw new Error(`"${path}" isn't there`);
    const folder = node.parent;
    folder.children?.delete(node.name);
    node.parent = null;
    touch(folder);
    return node;
  };

  return {
    root,
    find,
    touch,
    adopt,
    makeFolder,
    remove,
    put(path, traits = {}) {
      const known = find(path);
      if (known === null) {
        const node = makeNode(baseName(path), false, traits);
        adopt(node, path);
        return { node, isNew: true };
      }
      if (known.children !== null) throw new Error(`"${path}" is a folder`);
      known.sizeBytes = traits.sizeBytes ?? known.sizeBytes;
      known.modifiedAt = traits.modifiedAt ?? mint.now();
      known.etag = traits.etag ?? mint.fileEtag();
      if (known.parent !== null) touch(known.parent);
      return { node: known, isNew: false };
    },
    move(from, to) {
      const node = remove(from);
      adopt(node, to);
      return node;
    },
    set(node, { id, sizeBytes, modifiedAt, etag }) {
      if (id !== undefined) (node as { id: number }).id = id;
      if (sizeBytes !== undefined) node.sizeBytes = sizeBytes;
      if (modifiedAt !== undefined) node.modifiedAt = modifiedAt;
      if (etag !== undefined) node.etag = etag;
    },
  };
}
