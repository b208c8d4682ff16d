import type { Chance } from '../chance.js';
import type { Change, Manner } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { NamePool } from './names.js';

/** A tree deeper than this shows nothing that a shallower one doesn't. */
const MAX_DEPTH = 4;

export interface ChangeDrawer {
  /** The first files. */
  tree(collections: number, files: number): readonly Change[];
  /** One change or some together, each possible where it comes; applied to the sketch. */
  batch(): { readonly manner: Manner; readonly changes: readonly Change[] };
  /** One change or two of the names directly inside of this collection; applied to the sketch. */
  inside(collection: string): readonly Change[];
  /** Exactly these, so far as they are possible; applied to the sketch. */
  these(changes: readonly Change[]): readonly Change[];
  /** Any collection, rather one that is there. */
  collection(): string;
  /** One that is there and no link. */
  place(): string;
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
  const fileIn = (collection: string) => inside(collection, names.file());
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

  const changeIn = (collection: string): Change => {
    const there = sketch.namesIn(collection).map((name) => inside(collection, name));
    const put: Change = { kind: 'put', path: fileIn(collection), size: size() };
    if (there.length === 0) return put;
    const path = chance.pick(there);
    return chance.weigh<Change>(
      [5, put],
      [4, { kind: 'remove', path }],
      [2, { kind: 'move', from: path, to: newFile() }],
      [2, { kind: 'move', from: oldFile(), to: fileIn(collection) }],
      [1, { kind: 'mkdir', path: inside(collection, names.collection()) }],
    );
  };

  const draw = (count: number, one: () => Change): Change[] => {
    const changes: Change[] = [];
    for (let tries = 0; changes.length < count && tries < count * 10; tries++) {
      const next = one();
      if (!sketch.canDo(next)) continue;
      sketch.apply(next);
      changes.push(next);
    }
    return changes;
  };

  const these = (wanted: readonly Change[]): Change[] => {
    const changes: Change[] = [];
    for (const next of wanted) {
      if (!sketch.canDo(next)) continue;
      sketch.apply(next);
      changes.push(next);
    }
    return changes;
  };

  return {
    these,
    place: () => (chance.happens(0.3) ? busyCollection() : chance.pick(places())),
    inside: (collection) => draw(chance.weigh([3, 1], [1, 2]), () => changeIn(collection)),
    tree(collections, files) {
      const changes: Change[] = [];
      const add = (next: Change) => void changes.push(...these([next]));
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
      changes: draw(chance.weigh([6, 1], [2, 2], [1, chance.int(3, 8)]), change),
    }),
    collection: () => (chance.happens(0.9) ? anyCollection() : newCollection()),
  };
}
