import type { DavTree } from '../support/dav-server/tree.js';
import { bareDate } from './disks.js';
import type { Change } from './history.js';
import type { Sketch } from './sketch.js';

/** Does those of the changes that are possible, to the tree and the sketch of it. */
export function createPerformer(
  tree: DavTree,
  sketch: Sketch,
  noted: {
    /** Mount points whose disk never comes back. */
    readonly goneForGood: Set<string>;
    /** When a collection was listed last, by the storage's clock. */
    readonly listedAt: ReadonlyMap<string, number>;
  },
): (changes: readonly Change[]) => void {
  let files = 0;
  /** No other file has the same content. */
  const file = (size: number) => ({ size, content: `file ${++files}` });

  const perform = (change: Change) => {
    switch (change.kind) {
      case 'put':
        return tree.put(change.path, file(change.size));
      case 'replace':
        return tree.replace(change.path, file(change.size));
      case 'remove':
        return tree.remove(change.path);
      case 'mkdir':
        return tree.mkdir(change.path);
      case 'move':
        return tree.move(change.from, change.to);
      case 'link':
        return tree.link(change.path, change.target);
      case 'mount':
        return tree.setMount(change.path, change.isMount);
      case 'detach': {
        const { path, strays, olderMs, isForGood } = change;
        if (isForGood) noted.goneForGood.add(path);
        return tree.detach(path, {
          modifiedAt: bareDate(tree.marker(path).modifiedAt, olderMs, noted.listedAt.get(path)),
          strays: strays.map((name) => ({ name, ...file(STRAY_SIZE) })),
        });
      }
      case 'attach':
        return tree.attach(change.path);
    }
  };
  return (changes) => {
    for (const change of changes) {
      if (!sketch.canDo(change)) continue;
      sketch.apply(change);
      perform(change);
    }
  };
}

const STRAY_SIZE = 7;
