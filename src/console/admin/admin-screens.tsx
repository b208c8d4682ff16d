import { Refusal } from '../parts/notice.js';
import { TEXTS } from '../texts/texts.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { auditScreen } from './audit.js';
import { backupsScreen } from './backups.js';
import { configurationScreen } from './configuration.js';
import { forgetScreen } from './forget.js';
import { healthScreen } from './health.js';
import { heldScreen } from './held.js';
import { overviewScreen } from './overview.js';
import { searchScreen } from './search.js';
import { spaceScreen } from './space.js';
import { spacesScreen } from './spaces.js';
import { syncScreen } from './sync.js';
import { syncsScreen } from './syncs.js';

const { refused } = TEXTS.admin;
const REFUSED: Page = { title: refused.title, status: 403, body: <Refusal detail={refused.text} /> };

/** The administrators' screens. */
export const ADMIN_SCREENS: readonly Screen[] = (
  [
    overviewScreen,
    ...[spacesScreen, spaceScreen, heldScreen, forgetScreen],
    ...[syncsScreen, syncScreen, searchScreen],
    ...[healthScreen, backupsScreen, configurationScreen, auditScreen],
  ] satisfies readonly Screen[]
).map(forAdministrators);

/**
 * Returns a screen that nobody else is shown, not even its empty forms. The API decides anew whatever is asked of it; it
 * isn't asked by every page.
 */
function forAdministrators({ shows = {}, acts = {}, ...others }: Screen): Screen {
  return { ...others, shows: allOf(shows, guarded), acts: allOf(acts, guarded) };
}

function guarded<Rest extends readonly unknown[], Result>(
  run: (visit: Visit, ...rest: Rest) => Promise<Result>,
): (visit: Visit, ...rest: Rest) => Promise<Result | Page> {
  return async (visit, ...rest) => (visit.session.scopes.includes('admin') ? await run(visit, ...rest) : REFUSED);
}

function allOf<One, Other>(record: Readonly<Record<string, One>>, change: (one: One) => Other): Record<string, Other> {
  return Object.fromEntries(Object.entries(record).map(([path, one]) => [path, change(one)]));
}
