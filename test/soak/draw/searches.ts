import type { SearchFault } from '../../support/dav-server/search.js';
import type { Chance } from '../chance.js';
import type { Step } from '../history.js';
import type { Sketch } from '../sketch.js';
import type { ChangeDrawer } from './changes.js';
import type { createSceneTools } from './scene-tools.js';

const STATUSES = [400, 401, 403, 404, 405, 429, 500, 501, 503, 504] as const;
const DOCUMENTS = ['', '<d:multistatus xmlns:d="DAV:"><d:response>'];

/** What goes wrong with the searches from now on; a third of the time nothing. `lie`: what nobody can tell from the truth. */
export function drawSearchFault(chance: Chance, sketch: Sketch, may: { readonly lie: boolean }): SearchFault {
  return chance.weigh<() => SearchFault>(
    [6, () => ({})],
    [4, () => ({ status: chance.pick(STATUSES) })],
    [2, () => ({ body: chance.pick(DOCUMENTS) })],
    [2, () => ({ isForeign: true })],
    [1, () => ({ isUnordered: true })],
    [may.lie ? 3 : 0, () => ({ cutAt: chance.int(0, 4) })],
    [may.lie ? 3 : 0, () => ({ isStale: true })],
    [may.lie ? 3 : 0, () => ({ forget: chance.some([...sketch.files], chance.int(1, 3)) })],
  )();
}

/** Changes and looks, most of which need no walk; and searches that go wrong for a while, or from the first look on. */
export function searchScene(
  chance: Chance,
  sketch: Sketch,
  changes: ChangeDrawer,
  { lesson, openly, sync, anySync, heal }: ReturnType<typeof createSceneTools>,
): Step[] {
  const look = (): Step[] => {
    const changed: Step[] = chance.happens(0.7) ? [openly(changes.batch().changes)] : [];
    return [...changed, sync('incremental')];
  };
  const looks = () => Array.from({ length: chance.int(1, 4) }, look).flat();
  const faulty: Step[] = chance.happens(0.6)
    ? [{ do: 'search', fault: drawSearchFault(chance, sketch, { lie: chance.happens(0.5) }) }, ...looks()]
    : [];
  const known: Step[] = chance.weigh([2, [sync('full')]], [1, lesson()], [1, []]);
  return [...known, ...looks(), ...faulty, ...(chance.happens(0.5) ? [heal, anySync(), ...looks()] : [])];
}
