import { HREF_STYLES } from '../../support/dav-server/hrefs.js';
import { MARKER_STYLES } from '../../support/dav-server/markers.js';
import { MISSING_STYLES } from '../../support/dav-server/missing.js';
import { PROPERTY_STYLES, type PropertyStyle } from '../../support/dav-server/properties.js';
import { SPELLINGS } from '../../support/dav-server/spelling.js';
import { type Chance, createChance } from '../chance.js';
import type { CrawlPlan, History, ServerPlan, Step } from '../history.js';
import { createSketch, type Sketch } from '../sketch.js';
import { type ChangeDrawer, createChangeDrawer } from './changes.js';
import { drawFault } from './faults.js';
import { drawNamePool } from './names.js';
import { createSceneDrawer, type SceneDrawer } from './scenes.js';
import { drawSearchFault } from './searches.js';
import { drawSync } from './syncs.js';
import { createThemeScenes } from './theme-scenes.js';
import { NEXTCLOUD, serverFor, THEMES, type Theme } from './themes.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BASE_PATHS = ['/', '/dav/jm/', '/sp%20ace/%C3%A9%2B/'];

/**
 * `wild`: everything goes wrong, and storages lie. `honest`: they never do, so that what markers prove can be learned and
 * relied on. `calm`: there is little trouble besides, and markers have the time to settle.
 */
type Temper = 'wild' | 'honest' | 'calm';

/** How often a scene comes in the place of a step. */
const SCENES: Readonly<Record<Temper, number>> = { wild: 0.1, honest: 0.12, calm: 0.2 };

/** Nothing that a theme is about. */
const USUAL = { missing: '404', spelling: 'none', isSpellingItsOwn: false } as const;

/** How many of the Nextclouds can be searched. */
const SEARCHED = 0.6;
/** How often histories are about a theme, and how often its scenes come in them in the place of a step. */
const THEMED = 0.7;
const THEME_SCENES = 0.12;
/** With nothing else beside. */
const ONLY_THEME_SCENES = 0.3;

/** A history by its number. Pure: the same number is the same history. `only`: about these themes, without other faults. */
export function drawHistory(seed: number, only: readonly Theme[] = []): History {
  const chance = createChance(seed);
  const drawnTemper = chance.weigh([4, 'wild' as const], [3, 'honest' as const], [3, 'calm' as const]);
  const temper = only.length === 0 || only.includes('plain') ? drawnTemper : 'calm';
  const theme = only.length > 0 ? chance.pick(only) : chance.happens(THEMED) ? chance.pick(THEMES) : 'plain';
  const isAlone = only.length > 0 && theme !== 'plain';
  const drawn = drawServer(chance, temper);
  const themed = serverFor(theme, chance, only.length > 0 ? { ...drawn, ...USUAL } : drawn);
  const isSearched = themed.markers === 'nextcloud' && chance.happens(SEARCHED);
  const server = isSearched ? { ...themed, ...NEXTCLOUD } : themed;
  const hasLink = chance.happens(0.08) && server.markers !== 'nextcloud' && !server.isOwncloudInName;
  const crawl = drawCrawl(chance, hasLink, temper);
  const sketch = createSketch(server.spelling);
  const isBig = chance.happens(0.15);
  const names = drawNamePool(chance, chance.int(3, 8));
  const changes = createChangeDrawer(chance, names, sketch, {
    link: hasLink,
    mount: server.markers === 'nextcloud',
    lie: temper === 'wild',
  });
  const tree = isBig
    ? changes.tree(chance.int(2, 6), chance.int(40, 90))
    : changes.tree(chance.int(0, 10), chance.int(0, 16));
  const count = chance.int(20, 60);
  const themeScenes = createThemeScenes(chance, sketch, changes, server);
  const scenes = createSceneDrawer(chance, sketch, changes, server, { lie: temper === 'wild' });
  // What is learned at once is relied on in all that follows.
  const steps: Step[] = temper === 'calm' ? scenes.lesson() : [];
  if (temper === 'calm' && server.areMountsStill) steps.push(...scenes.mount());
  while (steps.length < count) {
    if (theme !== 'plain' && chance.happens(isAlone ? ONLY_THEME_SCENES : THEME_SCENES)) {
      steps.push(...themeScenes[theme]());
      continue;
    }
    if (isAlone) {
      steps.push(chance.happens(0.5) ? { do: 'change', ...changes.batch() } : plainSync(chance));
      continue;
    }
    const isScene = chance.happens(SCENES[temper]);
    steps.push(...(isScene ? drawScene(chance, scenes, server) : [drawStep(chance, sketch, changes, server, temper)]));
  }
  return { seed, server, crawl, tree, steps };
}

function plainSync(chance: Chance): Step {
  const mode = chance.pick(['full', 'incremental'] as const);
  return { do: 'sync', restMs: 3_000, mode, trigger: 'command', targets: [], kill: null, meanwhile: [] };
}

function drawServer(chance: Chance, temper: Temper): ServerPlan {
  const isCalm = temper === 'calm';
  const markers = chance.weigh(
    [4, 'apache' as const],
    [3, 'nginx' as const],
    [isCalm ? 9 : 4, 'nextcloud' as const],
    [1, 'still' as const],
  );
  if (!MARKER_STYLES.includes(markers)) throw new Error(`nothing is known of ${markers}`);
  const isDigest = chance.happens(0.15);
  const hrefs = chance.weigh([2, 'path' as const], [3, chance.pick(HREF_STYLES)], [1, 'mixed' as const]);
  return {
    basePath: markers === 'nextcloud' ? NEXTCLOUD.basePath : chance.pick(BASE_PATHS),
    markers,
    areMountsStill: markers === 'nextcloud' && chance.happens(0.6),
    isOwncloudInName: markers === 'apache' && chance.happens(temper === 'wild' ? 0.2 : 0.4),
    hrefs,
    properties: drawProperties(chance, hrefs),
    auth: isDigest ? 'digest' : chance.weigh([3, 'none' as const], [1, 'basic' as const]),
    nonceLife: isDigest ? chance.pick([{}, { requests: 20 }, { ms: 10_000 }]) : {},
    missing: chance.weigh([5, '404' as const], [1, chance.pick(MISSING_STYLES)]),
    spelling: chance.weigh([9, 'none' as const], [1, chance.pick(SPELLINGS)]),
    isSpellingItsOwn: chance.happens(0.3),
    skewMs: chance.weigh([3, 0], [1, chance.int(-DAY_MS, DAY_MS)]),
  };
}

function drawProperties(chance: Chance, hrefs: ServerPlan['hrefs']): ServerPlan['properties'] {
  if (chance.happens(0.25)) return {};
  if (chance.happens(0.2)) return 'mixed';
  const isSlashSure = !['no-slash', 'encoded', 'mixed'].includes(hrefs);
  const types = PROPERTY_STYLES.type.filter((type) => type !== 'slash' || isSlashSure);
  const style: PropertyStyle = {
    prefix: chance.pick(PROPERTY_STYLES.prefix),
    isStatusFirst: chance.pick(PROPERTY_STYLES.isStatusFirst),
    statusLine: chance.pick(PROPERTY_STYLES.statusLine),
    lacking: chance.pick(PROPERTY_STYLES.lacking),
    type: chance.happens(0.6) ? 'resourcetype' : chance.pick(types),
    date: chance.pick(PROPERTY_STYLES.date),
    etag: chance.pick(PROPERTY_STYLES.etag),
    size: chance.happens(0.8) ? 'plain' : chance.pick(PROPERTY_STYLES.size),
  };
  return style;
}

function drawCrawl(chance: Chance, hasLink: boolean, temper: Temper): CrawlPlan {
  const requestsPerSpace = chance.pick([1, 1, 2, 4, 8]);
  return {
    requestsPerSpace,
    requestsPerHost: chance.pick([1, 2, 16]),
    // A loop is followed to the last level.
    maxDepth: hasLink ? chance.int(4, 7) : chance.weigh([9, 20], [temper === 'calm' ? 0 : 1, chance.int(1, 4)]),
    latencyMs: chance.pick([0, 20, 300, 2_000]),
  };
}

function drawScene(chance: Chance, scenes: SceneDrawer, { markers }: ServerPlan): Step[] {
  return chance.weigh<() => Step[]>(
    [8, () => scenes.trouble()],
    [3, () => scenes.lesson()],
    [markers === 'nginx' ? 6 : 0.5, () => scenes.race()],
    [markers === 'nextcloud' ? 4 : 0, () => scenes.mount()],
    [1, () => scenes.sweep()],
    [2, () => scenes.unmounted()],
  )();
}

function drawStep(chance: Chance, sketch: Sketch, changes: ChangeDrawer, server: ServerPlan, temper: Temper): Step {
  const isCalm = temper === 'calm';
  const drawn = chance.weigh<() => Step>(
    [34, () => ({ do: 'change', ...changes.batch() })],
    [30, () => drawSync(chance, sketch, changes, isCalm)],
    [isCalm ? 2 : 13, () => faultStep(chance, sketch, changes, server, temper)],
    [6, () => ({ do: 'heal' })],
    [
      server.hasSearch === true ? 4 : 0,
      () => ({ do: 'search', fault: drawSearchFault(chance, sketch, { lie: temper === 'wild' }) }),
    ],
    [5, () => ({ do: 'wait', ms: chance.pick([100, 1_500, 60_000, HOUR_MS, 31 * DAY_MS]) })],
    [2, () => ({ do: 'jump', ms: chance.pick([-DAY_MS, -HOUR_MS, -60_000, -1_000, 1_000, HOUR_MS, DAY_MS]) })],
    [
      2,
      () => ({
        do: 'burst',
        requests: chance.int(1, 15),
        retryAfterMs: chance.pick([0, 2_000, 60_000]),
        isDate: chance.happens(0.3),
      }),
    ],
    [isCalm ? 0.5 : 1.5, () => ({ do: 'maintenance', ms: chance.pick([500, 5_000, HOUR_MS]) })],
    [server.auth === 'none' ? 0 : 2, () => ({ do: 'password', isRight: chance.happens(0.6) })],
    [server.auth === 'digest' ? 2 : 0, () => ({ do: 'expire nonce' })],
    [2, () => ({ do: 'restart' })],
    [1.5, () => ({ do: 'accept removals' })],
    [0.7, () => ({ do: 'refuse removals' })],
    [1, () => ({ do: 'resume' })],
    [1, () => ({ do: 'forget tombstones' })],
    [0.5, () => ({ do: 'exclude', names: chance.some(sketch.namesIn(changes.collection()), chance.int(0, 2)) })],
  );
  return drawn();
}

function faultStep(
  chance: Chance,
  sketch: Sketch,
  changes: ChangeDrawer,
  { properties, basePath }: ServerPlan,
  temper: Temper,
): Step {
  const path = changes.collection();
  const isSlashAll = properties !== 'mixed' && (properties.type === 'slash' || properties.type === 'content-type');
  const may = { selfAsFile: !isSlashAll, outsider: basePath !== '/', lie: temper === 'wild' };
  return { do: 'fault', path, fault: drawFault(chance, sketch.namesIn(path), may) };
}
