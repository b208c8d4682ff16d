import { existsSync } from 'node:fs';
import { placeIn } from '../root-folder.js';

/** Where packages put units; /etc/systemd/system takes precedence over both. */
const PACKAGES_PLACES = ['/usr/lib/systemd/system/ovadex.service', '/lib/systemd/system/ovadex.service'];

/** Finds the unit installed by a package, or null. Such a package also brings the account and the socket. */
export function packagedUnitIn(root: string): string | null {
  return PACKAGES_PLACES.find((path) => existsSync(placeIn(root, path))) ?? null;
}
