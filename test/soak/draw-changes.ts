import type { Chance } from './chance.js';
import type { NamePool } from './draw-names.js';
import type { Change, Manner } from './history.js';
import type { Sketch } from './sketch.js';

/** A tree deeper than this shows nothing that a shallower one doesn't. */
const MAX_DEPTH = 4;

export interface ChangeDrawer {
  /** The first files. */
  tree(collections: number, files: number): readonly Change[];
  /** One change or some together, each possible where it comes; applied to the sketch. */
  batch(): { readonly manner: Manner; readonly changes: readonly Change[] };
  /** Any collection, rather one that is there. */
  collection(): string;
}

export function createChangeDrawer(
  chance: Chance,
  names: NamePool,
  sketch: Sketch,
  may: { readonly link: boolean; readonly mount: boolean; readonly lie: boolean },
): ChangeDrawer {
  const inside = (collection: string, name: string) => (collection === '' ? name : `${collection}/${name}`);
  const depthOf = (path: string) => (path === '' ? 0 : path.split('/').length);
  const places = () => [...sketch.collections].filter((each) => !sketch.links.has(each));
  const shallow = () => places().filter((each) => depthOf(each) < MAX_DEPTH);
  const size = () => chance.int(0, 50);
  /** Much happens in one collection, so that changes, faults and syncs of it meet. */
  let busy = '';
  const busyCollection = () => {
    if (!sketch.collections.has(busy) || sketch.links.has(busy) || chance.happens(0.05)) busy = chance.pick(places());
    return busy;
  };
  const newFile = () => inside(chance.happens(0.4) ? busyCollection() : chance.pick(places()), names.file());
  const newCollection = () => inside(chance.pick(shallow()), names.collection());
  const oldFile = () => (sketch.files.size === 0 ? newFile() : chance.pick([...sketch.files]));
  const oldCollection = () => chance.pick([...sketch.collections]);
  const anyCollection = () => (chance.happens(0.3) ? busyCollection() : oldCollection());

  const change = (): Change =>
    chance.weigh<() => Change>(
      [30, () => ({ kind: 'put', path: newFile(), size: size() })],
      [6, () => ({ kind: 'put', path: inside(newCollection(), names.file()), size: size() })],
      [10, () => ({ kind: 'put', path: oldFile(), size: size() })],
      [8, () => ({ kind: 'replace', path: oldFile(), size: size() })],
      [14, () => ({ kind: 'remove', path: oldFile() })],
      [6, () => ({ kind: 'remove', path: oldCollection() })],
      [8, () => ({ kind: 'mkdir', path: newCollection() })],
      [8, () => ({ kind: 'move', from: oldFile(), to: newFile() })],
      [6, () => ({ kind: 'move', from: oldCollection(), to: newCollection() })],
      [may.link ? 2 : 0, () => ({ kind: 'link', path: newCollection(), target: oldCollection() })],
      [may.mount ? 5 : 0, () => ({ kind: 'mount', path: oldCollection(), isMount: chance.happens(0.7) })],
    )();

  const draw = (count: number): Change[] => {
    const changes: Change[] = [];
    for (let tries = 0; changes.length < count && tries < count * 10; tries++) {
      const next = change();
      if (!sketch.canDo(next)) continue;
      sketch.apply(next);
      changes.push(next);
    }
    return changes;
  };

  return {
    tree(collections, files) {
      const changes: Change[] = [];
      const add = (next: Change) => {
        if (!sketch.canDo(next)) return;
        sketch.apply(next);
        changes.push(next);
      };
      for (let i = 0; i < collections; i++) add({ kind: 'mkdir', path: newCollection() });
      if (may.mount && chance.happens(0.5)) add({ kind: 'mount', path: busyCollection(), isMount: true });
      for (let i = 0; i < files; i++) {
        // The few stems would not do for many files.
        const path = files > 20 ? inside(chance.pick(places()), `${i}-${names.file()}`) : newFile();
        add({ kind: 'put', path, size: size() });
      }
      return changes;
    },
    batch: () => ({
      manner: may.lie ? chance.weigh<Manner>([85, 'openly'], [9, 'restored'], [6, 'quietly']) : 'openly',
      changes: draw(chance.weigh([6, 1], [2, 2], [1, chance.int(3, 8)])),
    }),
    collection: () => (chance.happens(0.9) ? anyCollection() : newCollection()),
  };
}
