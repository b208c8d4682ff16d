import type { Chance } from '../chance.js';
import type { Change, Step } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';
import type { SceneTools } from './scene-tools.js';

const MINUTE_MS = 60_000;
/** As Jianguoyun counts. */
const WINDOW_MS = 30 * MINUTE_MS;
/** Requests of a sync that list nothing: second looks, the root once more, refusals. */
const BESIDE = 4;

/** All is well but for the load, and there are folders that nobody has listed yet. */
function before(chance: Chance, changes: ChangeDrawer, { openly, heal }: SceneTools, above: string): Step[] {
  const count = chance.int(8, 24);
  const puts = Array.from({ length: count }, (_, i): Change => {
    const folder = above === '' ? `busy-${i}` : `${above}/busy-${i}`;
    return { kind: 'put', path: `${folder}/a.ova`, size: i };
  });
  const wait: Step = { do: 'wait', ms: 2 * 60 * MINUTE_MS };
  return [heal, { do: 'password', isRight: true }, { do: 'resume' }, wait, openly(changes.these(puts))];
}

const after = (syncs: number): Step[] => [{ do: 'expect truth', syncs }, { do: 'heal' }];

/** So many requests in half an hour: each sync begins with what the last left unlisted. */
export function quotaScene(chance: Chance, sketch: Sketch, changes: ChangeDrawer, tools: SceneTools): Step[] {
  const above = changes.place();
  const calm = before(chance, changes, tools, above);
  // The way down is asked for each time.
  const beside = BESIDE + above.split('/').length;
  const requests = beside + chance.int(2, 12);
  const status = chance.pick([503, 503, 509, 429]);
  const quota: Step = { do: 'load', load: { kind: 'quota', requests, windowMs: WINDOW_MS, status } };
  const windows = Math.ceil(sketch.collections.size / (requests - beside)) + 1;
  const next = (): Step[] => [tools.sync('full'), { do: 'wait', ms: WINDOW_MS }];
  return [...calm, quota, ...Array.from({ length: windows }, next).flat(), ...after(windows)];
}

/** A bucket that fills slowly: one sync waits for it and lists all. */
export function rateScene(chance: Chance, changes: ChangeDrawer, tools: SceneTools): Step[] {
  const calm = before(chance, changes, tools, changes.place());
  const perSecond = chance.pick([2, 20]);
  const burst = chance.int(1, 5);
  const rate: Step = { do: 'load', load: { kind: 'rate', perSecond, burst, status: chance.pick([429, 503]) } };
  return [...calm, rate, tools.sync('full'), ...after(1)];
}
