import type { Chance } from '../chance.js';
import type { Step } from '../history.js';
import type { ChangeDrawer } from './changes.js';
import type { SceneTools } from './scene-tools.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A disk goes away and comes back, some times over, or never; and syncs come in between. */
export function unmountScene(chance: Chance, changes: ChangeDrawer, tools: SceneTools): Step[] {
  const { openly, sync, anySync, syncs, heal } = tools;
  const place = chance.happens(0.2) ? '' : tools.fullPlace();
  const strays = chance.weigh<readonly string[]>(
    [5, []],
    [3, ['.DS_Store']],
    [1, ['lost+found.txt', '.DS_Store']],
    [2, ['stray.ova']],
  );
  const olderMs = chance.weigh<number | null>([3, HOUR_MS], [2, 5 * 365 * 24 * HOUR_MS], [2, null], [1, 10_000]);
  const detach = (): Step =>
    openly(changes.these([{ kind: 'detach', path: place, strays, olderMs, isForGood: chance.happens(0.15) }]));
  const attach = (): Step => openly(changes.these([{ kind: 'attach', path: place }]));
  const lesson = chance.happens(0.4) ? tools.lesson() : [];
  // Then there is time between the disk's date and the last listing.
  const steps: Step[] = [...lesson, { do: 'wait', ms: MINUTE_MS }, sync('full'), { do: 'wait', ms: MINUTE_MS }];
  const elsewhere = () => {
    const other = changes.place();
    return chance.happens(0.4) && other !== place ? [openly(changes.inside(other))] : [];
  };
  for (let times = chance.weigh([3, 1], [1, 2], [1, 3]); times > 0; times--) {
    steps.push(detach(), ...syncs(1, 4, elsewhere));
    if (chance.happens(0.15)) steps.push({ do: 'accept removals' }, anySync());
    else if (chance.happens(0.1)) steps.push({ do: 'refuse removals' }, anySync());
    if (times === 1 && chance.happens(0.3)) return steps;
    steps.push(attach(), ...(chance.happens(0.7) ? [anySync()] : []));
  }
  return [...steps, heal, sync('incremental')];
}
