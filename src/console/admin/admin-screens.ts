import type { Screen } from '../visit/visit.js';
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

/** The administrators' screens. */
export const ADMIN_SCREENS: readonly Screen[] = [
  overviewScreen,
  ...[spacesScreen, spaceScreen, heldScreen, forgetScreen],
  ...[syncsScreen, syncScreen, searchScreen],
  ...[healthScreen, backupsScreen, configurationScreen, auditScreen],
];
