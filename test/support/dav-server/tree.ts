import { bytesFromPath, type ResourcePath } from '../../../src/domain/model/path.js';
import { createDavDisks } from './disks.js';
import type { MarkerReach } from './markers.js';
import type { DavNode, DavTree, FileOptions } from './node.js';
import { type Spelling, spellingKey } from './spelling.js';

export type { DavNode, DavTree, FileOptions } from './node.js';

/**
 * Paths are written as the index writes them, so names may hold any byte (`‛E9`). `areMountsStill`: what changes inside of
 * a mount moves no marker in there either, as a server that hears nothing of the changes of another storage has it.
 * `spelling`: a resource is found by other spellings of its path, too.
 */
export function createDavTree(
  now: () => number,
  reach: MarkerReach = 'parent',
  areMountsStill = false,
  spelling: Spelling = 'none',
): DavTree {
  let lastId = 0;
  let versions = 0;
  let isQuiet = false;

  const makeNode = (name: string, children: Map<string, DavNode> | null): DavNode => ({
    id: ++lastId,
    name,
    key: bytesOf(name),
    children,
    isLink: false,
    isMount: false,
    content: null,
    sizeBytes: 0,
    modifiedAt: now(),
    version: ++versions,
  });
  const makeLink = (name: string, target: DavNode): DavNode => ({
    ...makeNode(name, target.children),
    isLink: true,
    get modifiedAt() {
      return target.modifiedAt;
    },
    set modifiedAt(time) {
      target.modifiedAt = time;
    },
    get version() {
      return target.version;
    },
    set version(version) {
      target.version = version;
    },
  });
  const touch = (node: DavNode) => {
    node.modifiedAt = now();
    node.version = ++versions;
  };
  const root = makeNode('', new Map());

  const spelledOtherwise = ({ children }: DavNode, key: string) => {
    if (spelling === 'none') return undefined;
    const wanted = spellingKey(key, spelling);
    return [...(children?.values() ?? [])].find((child) => spellingKey(child.key, spelling) === wanted);
  };
  const disks = createDavDisks();
  const trailTo = (bytes: string): DavNode[] | undefined => {
    const trail = [root];
    let node: DavNode | undefined = root;
    for (const key of bytes === '' ? [] : bytes.split('/')) {
      node = node.children?.get(key) ?? spelledOtherwise(node, key);
      if (node === undefined) return undefined;
      trail.push(node);
    }
    return trail;
  };
  const existing = (path: string): DavNode => {
    const node = trailTo(bytesOf(path))?.at(-1);
    if (node === undefined) throw new Error(`${path} is not in the tree`);
    return node;
  };
  const isStill = (trail: readonly DavNode[]) => areMountsStill && trail.some(({ isMount }) => isMount);
  /** From one storage to another everything is made anew. */
  const renew = (node: DavNode) => {
    touch(node);
    if (!node.isLink) for (const child of node.children?.values() ?? []) renew(child);
  };
  /** Something changed in the last collection of the trail. */
  const changed = (trail: readonly DavNode[]) => {
    if (isQuiet || isStill(trail)) return;
    for (const node of trail.toReversed()) {
      touch(node);
      if (reach === 'parent' || node.isMount) return;
    }
  };
  /** The trail to a collection, which is made with all above it. */
  const collection = (path: string): { trail: readonly DavNode[]; children: Map<string, DavNode> } => {
    const trail: DavNode[] = [root];
    let children = root.children as Map<string, DavNode>;
    for (const name of path === '' ? [] : path.split('/')) {
      const key = bytesOf(name);
      const child = children.get(key) ?? makeNode(name, new Map());
      if (child.children === null) throw new Error(`${path} is a file or below one, not a collection`);
      if (!children.has(key)) {
        children.set(key, child);
        changed(trail);
      }
      trail.push(child);
      children = child.children;
    }
    return { trail, children };
  };
  const place = (path: string) => {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    if (name === '') throw new Error('the root has no place');
    return { ...collection(path.slice(0, Math.max(0, slash))), name, key: bytesOf(name) };
  };
  const insert = (path: string, make: (name: string, key: string) => DavNode): DavNode => {
    const { trail, children, name, key } = place(path);
    const node = make(name, key);
    children.set(key, node);
    changed(trail);
    return node;
  };
  const take = (path: string): DavNode => {
    const node = existing(path);
    const { trail, children, key } = place(path);
    children.delete(key);
    changed(trail);
    return node;
  };
  const write = (file: DavNode, options: FileOptions) => {
    touch(file);
    file.content = options.content === undefined ? null : Buffer.from(options.content);
    file.sizeBytes = options.size ?? file.content?.length ?? 0;
    if (options.modifiedAt !== undefined) file.modifiedAt = options.modifiedAt;
  };
  const paths = (isWanted: (node: DavNode) => boolean): ResourcePath[] => {
    const found: ResourcePath[] = [];
    const walk = (node: DavNode, prefix: string) => {
      for (const child of node.children?.values() ?? []) {
        if (isWanted(child)) found.push(`${prefix}${child.name}` as ResourcePath);
        if (!child.isLink) walk(child, `${prefix}${child.name}/`);
      }
    };
    walk(root, '');
    return found;
  };

  return {
    root,
    put(path, options = {}) {
      const { trail, children, key } = place(path);
      const file = children.get(key);
      if (file?.children) throw new Error(`${path} is a collection, not a file`);
      write(file ?? insert(path, (name) => makeNode(name, null)), options);
      if (file !== undefined && reach === 'ancestors') changed(trail);
    },
    replace(path, options = {}) {
      if (existing(path).children !== null) throw new Error(`${path} is a collection, not a file`);
      write(
        insert(path, (name) => makeNode(name, null)),
        options,
      );
    },
    mkdir: (path) => void collection(path),
    remove: (path) => void take(path),
    move(from, to) {
      if (`${to}/`.startsWith(`${from}/`)) throw new Error(`${from} can't be moved below itself`);
      const isFromMount = isStill(trailTo(bytesOf(from)) ?? []);
      const node = take(from);
      insert(to, (name, key) => Object.assign(node, { name, key }));
      if (isFromMount) renew(node);
    },
    link(path, target) {
      const leadsTo = existing(target);
      if (leadsTo.children === null) throw new Error(`${target} is a file, not a collection`);
      insert(path, (name) => makeLink(name, leadsTo));
    },
    setMount(path, isMount) {
      const node = existing(path);
      node.isMount = isMount;
      if (areMountsStill) renew(node);
      if (reach === 'ancestors') changed(trailTo(bytesOf(path))?.slice(0, -1) ?? []);
    },
    detach(path, { modifiedAt, strays }) {
      const files = strays.map(({ name, ...options }) => {
        const file = makeNode(name, null);
        write(file, { ...options, modifiedAt });
        return file;
      });
      disks.detach(existing(path), { modifiedAt, version: ++versions }, files);
    },
    attach: (path) => disks.attach(existing(path)),
    away: disks.away,
    find: (path) => trailTo(bytesOf(path))?.at(-1),
    trail: trailTo,
    files: () => paths((node) => node.children === null).sort((a, b) => (a < b ? -1 : 1)),
    collections: () => paths((node) => node.children !== null),
    marker(path) {
      const { modifiedAt, version } = existing(path);
      return { modifiedAt, version };
    },
    setMarker: (path, marker) => void Object.assign(existing(path), marker),
    quietly(change) {
      isQuiet = true;
      try {
        change();
      } finally {
        isQuiet = false;
      }
    },
  };
}

function bytesOf(path: string): string {
  return Buffer.from(bytesFromPath(path as ResourcePath)).toString('latin1');
}
