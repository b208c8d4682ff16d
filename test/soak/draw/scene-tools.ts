import type { Chance } from '../chance.js';
import type { Change, Step, SyncStep } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';

/** A marker is settled then. */
const SETTLED_MS = 3_000;

/** Of what scenes are made. */
export interface SceneTools {
  openly(changes: readonly Change[]): Step;
  sync(mode: SyncStep['mode'], restMs?: number, more?: Partial<SyncStep>): SyncStep;
  /** Full or incremental. */
  anySync(): SyncStep;
  /** From so many to so many of them, with something between where it comes to that. */
  syncs(from: number, to: number, between?: () => Step[]): Step[];
  /** A collection with something in it, rather a deep one. */
  fullPlace(): string;
  /** All is known, something changes, and a sync sees which markers moved. */
  lesson(): Step[];
  readonly heal: Step;
}

export function createSceneTools(chance: Chance, sketch: Sketch, changes: ChangeDrawer): SceneTools {
  const openly = (drawn: readonly Change[]): Step => ({ do: 'change', manner: 'openly', changes: drawn });
  const sync: SceneTools['sync'] = (mode, restMs = SETTLED_MS, more = {}) => {
    const trigger = mode === 'hint' ? 'hint' : 'command';
    return { do: 'sync', restMs, mode, trigger, targets: [], kill: null, meanwhile: [], ...more };
  };
  const anySync = () => sync(chance.pick(['full', 'incremental']));
  const fullPlace = () => {
    const tries = [changes.place(), changes.place(), changes.place()].filter((each) => sketch.namesIn(each).length > 0);
    return tries.sort((a, b) => b.split('/').length - a.split('/').length)[0] ?? changes.place();
  };
  return {
    openly,
    sync,
    anySync,
    fullPlace,
    heal: { do: 'heal' },
    syncs(from, to, between = () => []) {
      const count = chance.int(from, to);
      return Array.from({ length: count }, (_, i) => [...(i === 0 ? [] : between()), anySync()]).flat();
    },
    lesson() {
      // What is seen of the root alone says nothing of what lies deeper.
      const first = chance.happens(0.4) ? '' : fullPlace();
      const known = [sync('full'), openly(changes.inside(first)), anySync()];
      return [...known, openly(changes.inside(fullPlace())), sync('incremental')];
    },
  };
}
