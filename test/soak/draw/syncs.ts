import type { Chance } from '../chance.js';
import type { KillMoment, Meanwhile, SyncStep } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';

const HOUR_MS = 3_600_000;
const CALLS: readonly KillMoment['call'][] = [
  'list',
  'probe',
  'search',
  'known',
  'subtree',
  'commit',
  'prove',
  'progress',
  'finish',
  'claim',
];
const WHENS: readonly KillMoment['when'][] = ['before', 'inside', 'after'];

/** A sync, and what comes in between. Trees are small, so it comes early. */
export function drawSync(chance: Chance, sketch: Sketch, changes: ChangeDrawer, isCalm: boolean): SyncStep {
  const mode = chance.weigh([36, 'full' as const], [isCalm ? 120 : 42, 'incremental' as const], [22, 'hint' as const]);
  const targets =
    mode === 'hint' ? Array.from({ length: chance.weigh([3, 1], [1, 3]) }, () => changes.collection()) : [];
  const trigger =
    mode === 'hint' ? 'hint' : chance.weigh([2, 'schedule' as const], [1, 'request' as const], [2, 'command' as const]);
  const kill = chance.happens(isCalm ? 0.06 : 0.12) ? drawKill(chance, sketch) : null;
  const meanwhile = chance.happens(isCalm ? 0.15 : 0.25) ? drawMeanwhile(chance, sketch, changes) : [];
  const restMs = chance.weigh([2, 0], [1, 700], [isCalm ? 9 : 3, 3_000], [1, 20_000]);
  return { do: 'sync', restMs, mode, trigger, targets, kill, meanwhile };
}

function drawKill(chance: Chance, sketch: Sketch): KillMoment {
  const call = chance.pick(CALLS);
  const isPerCollection = call === 'list' || call === 'known';
  return {
    call,
    nth: isPerCollection ? chance.int(1, sketch.collections.size + 1) : chance.int(1, 3),
    when: chance.pick(WHENS),
  };
}

function drawMeanwhile(chance: Chance, sketch: Sketch, changes: ChangeDrawer): Meanwhile[] {
  const at = () => chance.int(1, Math.max(2, sketch.collections.size));
  const one = chance.weigh<() => Meanwhile>(
    [3, () => ({ at: at(), what: 'stop' })],
    [2, () => ({ at: at(), what: 'cancel' })],
    [3, () => ({ at: at(), what: 'steal' })],
    [2, () => ({ at: at(), what: 'heal' })],
    [2, () => ({ at: at(), what: 'jump', ms: chance.pick([-HOUR_MS, -60_000, 1_000, HOUR_MS]) })],
    [5, () => ({ at: at(), what: 'change', changes: changes.batch().changes })],
    [2, () => ({ at: at(), what: 'revisit', collections: [changes.collection()] })],
  );
  return Array.from({ length: chance.weigh([3, 1], [1, 2]) }, () => one());
}
