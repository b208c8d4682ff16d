import { existsSync } from 'node:fs';
import { placeIn } from '../root-folder.js';

/** Where packages put units; what stands in /etc/systemd/system goes before both. */
const PACKAGES_PLACES = ['/usr/lib/systemd/system/ovadex.service', '/lib/systemd/system/ovadex.service'];

/** The unit that a package of the system brought, or null. The package has account and socket with it. */
export function packagedUnitIn(root: string): string | null {
  return PACKAGES_PLACES.find((path) => existsSync(placeIn(root, path))) ?? null;
}
