import { forgetScreen } from './admin/forget.js';
import { heldScreen } from './admin/held.js';
import { searchScreen } from './admin/search.js';
import { spaceScreen } from './admin/space.js';
import { spacesScreen } from './admin/spaces.js';
import { syncScreen } from './admin/sync.js';
import { syncsScreen } from './admin/syncs.js';
import { imagesScreen } from './screens/images.js';
import type { Screen } from './visit/visit.js';

/** Every screen, a file each. */
export const SCREENS: readonly Screen[] = [
  imagesScreen,
  ...[spacesScreen, spaceScreen, heldScreen, forgetScreen, syncsScreen, syncScreen, searchScreen],
];
