import { imagesScreen } from './screens/images.js';
import type { Screen } from './visit/visit.js';

/** Every screen, a file each. */
export const SCREENS: readonly Screen[] = [imagesScreen];
