import { ADMIN_SCREENS } from './admin/admin-screens.js';
import { imageScreen } from './screens/image.js';
import { imagesScreen } from './screens/images.js';
import { spaceScreen } from './screens/own-space.js';
import { whyScreen } from './screens/why.js';
import type { Screen } from './visit/visit.js';

/** Every screen, a file each. */
export const SCREENS: readonly Screen[] = [imagesScreen, imageScreen, whyScreen, spaceScreen, ...ADMIN_SCREENS];
