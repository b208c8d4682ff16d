import { nameOf, parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import { IMPOSSIBLE_ENTRIES } from '../../support/dav-server/impossible.js';
import { NO_HTTP } from '../../support/dav-server/no-http.js';
import type { Chance } from '../chance.js';
import type { Change, PlannedFault, ServerPlan, Step } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';
import { quotaScene, rateScene } from './load.js';
import { createSceneTools } from './scene-tools.js';
import { searchScene } from './searches.js';
import type { Theme } from './themes.js';
import { unmountScene } from './unmount.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Steps in a row that meet a theme. */
export type ThemeScene = () => Step[];

export function createThemeScenes(
  chance: Chance,
  sketch: Sketch,
  changes: ChangeDrawer,
  { markers, isOwncloudInName }: ServerPlan,
): Record<Exclude<Theme, 'plain'>, ThemeScene> {
  const tools = createSceneTools(chance, sketch, changes);
  const hasOwncloud = markers === 'nextcloud' || isOwncloudInName;
  const { openly, sync, anySync, syncs, fullPlace, heal } = tools;
  const fault = (path: string, planned: PlannedFault): Step => ({
    do: 'fault',
    path,
    fault: { method: 'PROPFIND', ...planned },
  });
  const somewhere = (): Step[] => (chance.happens(0.4) ? [openly(changes.inside(changes.place()))] : []);
  const wait: Step = { do: 'wait', ms: MINUTE_MS };

  return {
    unmount: () => unmountScene(chance, changes, tools),

    unreadable() {
      const place = fullPlace();
      if (chance.happens(0.2)) {
        // So young that its date says nothing; and a hint gives no second opinion.
        const young = [openly(changes.inside(place)), sync('full', 0)];
        const hint = sync('hint', 0, { targets: [place] });
        return [sync('full'), ...young, fault(place, { blank: true }), anySync(), hint, heal, anySync()];
      }
      const moved = chance.happens(0.3) ? [openly(changes.inside(place))] : [];
      const known = [...tools.lesson(), sync('full'), wait, ...moved];
      if (place === '' || chance.happens(0.6)) {
        const shown = chance.weigh<PlannedFault>(
          [4, { blank: true }],
          [1, { blank: true, below: true }],
          [1, { bare: 'untold' }],
        );
        const stopped = [fault(place, shown), ...syncs(2, 4, somewhere)];
        return [...known, ...stopped, ...somewhere(), heal, sync('incremental'), sync('incremental')];
      }
      const answer = chance.pick<PlannedFault>([
        { status: 403 },
        { status: 500 },
        { missing: 'empty' },
        { missing: 'html' },
        { blank: true },
        { reset: true },
      ]);
      const hidden = fault(parentOf(place as ResourcePath), { forget: [nameOf(place as ResourcePath)] });
      return [
        ...known,
        hidden,
        fault(place, { ...answer, below: true }),
        anySync(),
        ...somewhere(),
        heal,
        sync('incremental'),
      ];
    },

    spelling() {
      const above = changes.place();
      const [from, to] = chance.pick([
        ['Images', 'images'],
        ['images', 'IMAGES'],
        ['B\u00fcro', 'Bu\u0308ro'],
        ['Bu\u0308ro', 'B\u00fcro'],
      ] as const);
      const at = (name: string) => (above === '' ? name : `${above}/${name}`);
      const put = (name: string): Change => ({ kind: 'put', path: at(`${from}/${name}`), size: chance.int(0, 50) });
      const made = changes.these([put('a.ova'), put('b.ova'), put('old/c.ova')].slice(0, chance.int(1, 3)));
      const renamed = changes.these([{ kind: 'move', from: at(from), to: at(to) }]);
      return [openly(made), sync('full'), openly(renamed), ...somewhere(), ...syncs(1, 3), ...somewhere()];
    },

    vanished() {
      const place = fullPlace();
      if (place === '') return [anySync()];
      const gone = openly(changes.these([{ kind: 'remove', path: place }]));
      return [sync('full'), gone, anySync(), sync('full'), sync('full'), ...somewhere()];
    },

    'bare-root'() {
      const known = chance.happens(0.6) ? [sync('full')] : [];
      return [
        ...known,
        fault('', { bare: hasOwncloud ? chance.pick(['untold', 'null-cache']) : 'untold' }),
        ...syncs(1, 3),
        heal,
        anySync(),
      ];
    },

    'own-errors'() {
      const place = fullPlace();
      const names = chance.some(sketch.namesIn(place), chance.int(1, 3));
      const childStatus = Object.fromEntries(names.map((name) => [name, chance.pick([403, 423, 500, 503])]));
      const failing = fault(place, { childStatus, isChildStatusOfResponse: chance.happens(0.5) });
      return [anySync(), failing, ...syncs(1, 3, somewhere), heal, sync('incremental')];
    },

    impossible() {
      const place = changes.place();
      const impossible = chance.some(IMPOSSIBLE_ENTRIES, chance.int(1, 2));
      const gone = chance.happens(0.6) ? [openly(changes.inside(place))] : [];
      const lost = chance.happens(0.4) ? { forget: chance.some(sketch.namesIn(place), 1) } : {};
      const odd = fault(place, { impossible, ...lost });
      return [
        ...(chance.happens(0.5) ? [sync('full')] : []),
        odd,
        ...gone,
        ...syncs(1, 3, somewhere),
        sync('full'),
        heal,
        anySync(),
      ];
    },

    'moved-url'() {
      const isOther = chance.happens(0.5);
      const files = Array.from(
        { length: chance.int(0, 4) },
        (_, i): Change => ({ kind: 'put', path: `other/${i}.ova`, size: i }),
      );
      if (isOther) {
        for (const path of [...sketch.detached]) changes.these([{ kind: 'attach', path }]);
        changes.these(sketch.namesIn('').map((path) => ({ kind: 'remove', path })));
      }
      const moved: Step = { do: 'move space', other: isOther ? changes.these(files) : null };
      return [sync('full'), moved, ...syncs(1, 3), ...somewhere(), anySync()];
    },

    loss() {
      const put = Array.from(
        { length: chance.int(0, 7) },
        (_, i): Change => ({ kind: 'put', path: `${i}-all.ova`, size: i }),
      );
      const added = openly(changes.these(put));
      const all = [...sketch.files].map((path): Change => ({ kind: 'remove', path }));
      const gone = openly(changes.these(all));
      const back = chance.happens(0.5) ? [openly(changes.these(put)), anySync()] : [];
      const refused: Step[] = chance.happens(0.15) ? [anySync(), { do: 'refuse removals' }] : [];
      return [added, sync('full'), wait, gone, ...refused, ...syncs(1, 3), ...back];
    },

    'refused-folder'() {
      const place = fullPlace();
      if (place === '') return [anySync()];
      const shut = fault(place, { status: 401, below: chance.happens(0.5) });
      return [shut, ...syncs(1, 3, somewhere), heal, anySync()];
    },

    'refused-moment'() {
      const moment = fault('', { status: 401, below: true, times: chance.int(1, 3) });
      return [anySync(), moment, anySync(), heal, { do: 'rounds', ms: 25 * HOUR_MS }, ...somewhere()];
    },

    quota: () => quotaScene(chance, sketch, changes, tools),
    rate: () => rateScene(chance, changes, tools),

    'no-http'() {
      const isAll = chance.happens(0.3);
      const planned = chance.happens(0.8) ? { noHttp: chance.pick(NO_HTTP) } : { echo: true };
      const place = isAll ? '' : changes.place();
      const times = chance.happens(0.3) ? { times: chance.int(1, 3) } : {};
      return [fault(place, { ...planned, ...times, below: isAll }), ...syncs(1, 2, somewhere), heal, anySync()];
    },

    omitted: () => [...tools.lesson(), ...omitted(), ...proofs()],
    search: () => searchScene(chance, sketch, changes, tools),
    swapped: () => [...tools.lesson(), ...swap(), ...proofs()],
  };

  /** As many proofs as a week of nightly full syncs brings, and what they bring back. */
  function proofs(): Step[] {
    const proof = () => [wait, openly(changes.inside(fullPlace())), sync('full')];
    return [heal, sync('full'), ...Array.from({ length: PROOFS }, proof).flat(), { do: 'expect pruning', syncs: WEEK }];
  }

  /** Two folders of one date change places. */
  function swap(): Step[] {
    const put = (path: string): Change => ({ kind: 'put', path, size: 1 });
    const move = (from: string, to: string): Change => ({ kind: 'move', from, to });
    const made = changes.these([put('left/a.ova'), put('right/b.ova')]);
    const swapped = changes.these([move('left', 'aside'), move('right', 'left'), move('aside', 'right')]);
    return [openly(made), wait, sync('full'), wait, openly(swapped), anySync()];
  }

  /** A folder that Go's server can't open: left out of its parent's listing, and answered with an error. */
  function omitted(): Step[] {
    const place = fullPlace();
    if (place === '') return swap();
    const forget = [nameOf(place as ResourcePath)];
    const status = chance.pick([403, 500, 405]);
    return [
      sync('full'),
      wait,
      fault(parentOf(place as ResourcePath), { forget }),
      fault(place, { status, below: true }),
      anySync(),
    ];
  }
}

/** A full sync a night. */
const WEEK = 7;
/** Not every change is one of images. */
const PROOFS = 2 * WEEK;
