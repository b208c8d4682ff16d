import { nameOf, parentOf, type ResourcePath, ROOT } from '../../src/domain/path.js';

/** A file or collection of the fake server. Times are ms since the epoch. */
export interface DavNode {
  readonly name: string;
  /** null for a file; by name for a collection. */
  readonly children: Map<string, DavNode> | null;
  content: Buffer | null;
  sizeBytes: number;
  modifiedAt: number;
  /** Moves with every change that a real server's inode would show. */
  version: number;
}

export interface FileOptions {
  /** Bytes that the listing tells; the content then is that many zeros. */
  readonly size?: number;
  readonly content?: string | Buffer;
  readonly modifiedAt?: number;
}

/** The files of the fake server; it may be changed while requests are running. */
export interface DavTree {
  readonly root: DavNode;
  /** Writes a file and the collections it needs. Over an existing file it writes in place: the collection stays as it is. */
  put(path: string, options?: FileOptions): void;
  /** Makes a collection and those it needs; one that exists stays. */
  mkdir(path: string): void;
  /** Takes away a file or a whole collection. */
  remove(path: string): void;
  move(from: string, to: string): void;
  /** undefined where there is nothing. */
  find(path: string): DavNode | undefined;
  /** Every file, sorted. */
  files(): ResourcePath[];
}

/** Paths are written as the index writes them, so names may hold any byte (`‛E9`). */
export function createDavTree(now: () => number): DavTree {
  let versions = 0;
  const makeNode = (name: string, children: Map<string, DavNode> | null): DavNode => ({
    name,
    children,
    content: null,
    sizeBytes: 0,
    modifiedAt: now(),
    version: ++versions,
  });
  const touch = (node: DavNode) => {
    node.modifiedAt = now();
    node.version = ++versions;
  };
  const root = makeNode('', new Map());

  const find = (path: string): DavNode | undefined => {
    let node: DavNode | undefined = root;
    if (path === ROOT) return node;
    for (const segment of path.split('/')) node = node?.children?.get(segment);
    return node;
  };
  const collection = (path: string): { node: DavNode; children: Map<string, DavNode> } => {
    let node = root;
    for (const segment of path === ROOT ? [] : path.split('/')) {
      let child: DavNode | undefined = node.children?.get(segment);
      if (child === undefined) {
        child = makeNode(segment, new Map());
        node.children?.set(segment, child);
        touch(node);
      }
      node = child;
    }
    if (node.children === null) throw new Error(`${path} is a file, not a collection`);
    return { node, children: node.children };
  };
  const place = (path: string) => ({
    parent: collection(parentOf(path as ResourcePath)),
    name: nameOf(path as ResourcePath),
  });
  const take = (path: string): DavNode => {
    const node = find(path);
    if (node === undefined || path === ROOT) throw new Error(`${path} is not in the tree`);
    const { parent, name } = place(path);
    parent.children.delete(name);
    touch(parent.node);
    return node;
  };

  return {
    root,
    find,
    put(path, options = {}) {
      const { parent, name } = place(path);
      let file = parent.children.get(name);
      if (file?.children) throw new Error(`${path} is a collection, not a file`);
      if (file === undefined) {
        file = makeNode(name, null);
        parent.children.set(name, file);
        touch(parent.node);
      }
      touch(file);
      file.content = options.content === undefined ? null : Buffer.from(options.content);
      file.sizeBytes = options.size ?? file.content?.length ?? 0;
      if (options.modifiedAt !== undefined) file.modifiedAt = options.modifiedAt;
    },
    mkdir(path) {
      collection(path);
    },
    remove(path) {
      take(path);
    },
    move(from, to) {
      const node = take(from);
      const { parent, name } = place(to);
      parent.children.set(name, { ...node, name });
      touch(parent.node);
    },
    files() {
      const paths: ResourcePath[] = [];
      const walk = (node: DavNode, path: string) => {
        for (const child of node.children?.values() ?? []) {
          const childPath = path === ROOT ? child.name : `${path}/${child.name}`;
          if (child.children === null) paths.push(childPath as ResourcePath);
          else walk(child, childPath);
        }
      };
      walk(root, ROOT);
      return paths.sort((a, b) => (a < b ? -1 : 1));
    },
  };
}
