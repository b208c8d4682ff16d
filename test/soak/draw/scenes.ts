import { nameOf, parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import type { Chance } from '../chance.js';
import type { KillMoment, ServerPlan, Step } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';
import { drawFault, drawForgottenTrouble } from './faults.js';
import { createSceneTools } from './scene-tools.js';

/** Steps in a row that meet in one place, which single ones by chance hardly ever do. */
export interface SceneDrawer {
  /** A change, trouble where it happened, a sync that comes upon both, and one after the trouble. */
  trouble(): Step[];
  /** All is known, something changes, and a sync sees which markers moved. */
  lesson(): Step[];
  /** A change right behind a sync, in the same second as the one before it. */
  race(): Step[];
  /** Another storage changes inside, which no marker outside of it shows. */
  mount(): Step[];
  /** Much is gone, and perhaps back, and gone again. */
  sweep(): Step[];
  /** A storage that is not mounted: its parent forgets it, and itself it answers with trouble. */
  unmounted(): Step[];
}

/** A marker is settled then. */
const SETTLED_MS = 3_000;
/** A lease that a dead process left behind has run out by then. */
const LEFT_BEHIND_MS = 60_000;
/** More than a single sync may take away from a space that has little else. */
const SWEPT = 24;

export function createSceneDrawer(
  chance: Chance,
  sketch: Sketch,
  changes: ChangeDrawer,
  { properties, basePath }: ServerPlan,
  may: { readonly lie: boolean },
): SceneDrawer {
  const isSlashAll = properties !== 'mixed' && (properties.type === 'slash' || properties.type === 'content-type');
  const { openly, sync, anySync, fullPlace, lesson } = createSceneTools(chance, sketch, changes);
  const lookAt = (place: string) => (chance.happens(0.25) ? sync('hint', 0, { targets: [place] }) : anySync());
  const faultAt = (path: string): Step => {
    const allowed = { selfAsFile: !isSlashAll, outsider: basePath !== '/', lie: may.lie };
    const fault = drawFault(chance, sketch.namesIn(path), allowed);
    // It has to be met; what takes real time has its place elsewhere.
    const { after: _after, stall: _stall, depth: _depth, ...met } = fault;
    return { do: 'fault', path, fault: { ...met, ...(fault.stall === undefined ? {} : { reset: true }) } };
  };
  /** Shows only itself, while its marker stands still. */
  const emptiness = (path: string): Step[] => [
    sync('full'),
    { do: 'fault', path, fault: { blank: true, method: 'PROPFIND' } },
    sync('full'),
    { do: 'heal' },
  ];
  const trouble = (): Step[] => {
    const place = fullPlace();
    if (may.lie && chance.happens(0.25)) return emptiness(place);
    const fault = faultAt(place);
    const change = chance.happens(0.7) ? [openly(changes.inside(place))] : [];
    return [...change, fault, lookAt(place), { do: 'heal' }, sync('incremental')];
  };

  return {
    trouble,
    lesson,

    race() {
      const place = fullPlace();
      const first = openly(changes.inside(place));
      return [first, sync('incremental', 0), openly(changes.inside(place)), sync('incremental')];
    },

    mount() {
      const [known] = chance.some([...sketch.mounts], 1);
      const mount = known ?? fullPlace();
      const mounted = known === undefined ? changes.these([{ kind: 'mount', path: mount, isMount: true }]) : [];
      const inside = [...sketch.collections].filter((each) => each === mount || each.startsWith(`${mount}/`));
      const change = openly(changes.inside(chance.pick(inside)));
      return [...(mounted.length > 0 ? [openly(mounted)] : []), anySync(), change, sync('incremental')];
    },

    sweep() {
      const place = changes.place();
      const paths = Array.from({ length: SWEPT }, (_, i) => `${place === '' ? '' : `${place}/`}${i}-swept.ova`);
      const put = () => openly(changes.these(paths.map((path, size) => ({ kind: 'put', path, size }))));
      const remove = () => openly(changes.these(paths.map((path) => ({ kind: 'remove', path }))));
      const steps = [put(), sync('full'), remove(), sync('full', SETTLED_MS, { kill: drawKill() })];
      if (chance.happens(0.5)) steps.push(put(), sync('full', LEFT_BEHIND_MS), remove());
      return [...steps, sync('full', LEFT_BEHIND_MS), sync('full')];
    },

    unmounted() {
      const place = fullPlace();
      if (place === '' || !may.lie) return trouble();
      const forget = [nameOf(place as ResourcePath)];
      return [
        { do: 'fault', path: parentOf(place as ResourcePath), fault: { forget, method: 'PROPFIND' } },
        { do: 'fault', path: place, fault: drawForgottenTrouble(chance) },
        sync('full'),
        { do: 'heal' },
      ];
    },
  };

  /** Behind the commits of a sync and before it has ended. */
  function drawKill(): KillMoment | null {
    if (chance.happens(0.6)) return null;
    return { call: chance.pick(['finish', 'prove']), nth: 1, when: chance.pick(['before', 'inside', 'after']) };
  }
}
