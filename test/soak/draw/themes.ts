import { MISSING_STYLES } from '../../support/dav-server/missing.js';
import { SPELLINGS } from '../../support/dav-server/spelling.js';
import type { Chance } from '../chance.js';
import type { ServerPlan } from '../history.js';

/** What a history is about besides chance: each but `plain` has scenes of its own. */
export const THEMES = [
  'plain',
  'unmount',
  'unreadable',
  'spelling',
  'vanished',
  'bare-root',
  'own-errors',
  'impossible',
  'moved-url',
  'loss',
  'refused-folder',
  'refused-moment',
  'quota',
  'rate',
  'no-http',
  'omitted',
  'swapped',
  'search',
] as const;
export type Theme = (typeof THEMES)[number];

/** A server on which the theme can be met. */
export function serverFor(theme: Theme, chance: Chance, server: ServerPlan): ServerPlan {
  switch (theme) {
    case 'unmount':
    case 'unreadable':
    case 'omitted':
    case 'swapped': {
      const isMoving = server.markers === 'apache' || server.markers === 'nginx';
      return isMoving ? server : { ...server, ...FILE_SERVER, markers: chance.pick(['apache', 'nginx']) };
    }
    case 'spelling':
      return { ...server, spelling: chance.pick(SPELLINGS.slice(1)), isSpellingItsOwn: chance.happens(0.4) };
    case 'search':
      return { ...server, ...NEXTCLOUD };
    case 'vanished':
      return { ...server, missing: chance.pick(MISSING_STYLES) };
    default:
      return server;
  }
}

/** One that can be searched; its answers have the usual properties, and every spelling is a name of its own. */
export const NEXTCLOUD = {
  basePath: '/remote.php/dav/files/jm/',
  markers: 'nextcloud',
  isOwncloudInName: false,
  hasSearch: true,
  properties: {},
  spelling: 'none',
  isSpellingItsOwn: false,
} as const;

/** What only Nextcloud has. */
const FILE_SERVER = { basePath: '/dav/jm/', areMountsStill: false, isOwncloudInName: false } as const;
