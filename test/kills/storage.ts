import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Chance } from '../soak/chance.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';

/** Spaces of several users on a WebDAV server in this process, whose images come and go. */
export interface ChangingStorage {
  readonly users: readonly string[];
  urlOf(user: string): string;
  /** By user: the paths of the images that are there now. */
  images(user: string): ReadonlySet<string>;
  /** Adds, renames and removes some. */
  change(): void;
  /** Paths, each with its user, that have come or gone since this was asked last. */
  touched(): ReadonlySet<string>;
  close(): Promise<void>;
}

const COLLECTIONS = 6;
const IMAGES = 5;
/** A change touches so few that no removal is held back as too large to believe. */
const CHANGES_AT_ONCE = 3;
/** Of those that go. */
const RENAMES = 0.3;

export async function startChangingStorage(users: readonly string[], chance: Chance): Promise<ChangingStorage> {
  const dav: DavServer = await startDavServer();
  const stored = new Map<string, Set<string>>(users.map((user) => [user, new Set()]));
  let touched = new Set<string>();
  let last = 0;
  const put = (user: string, path: string) => {
    dav.tree.put(`${user}/${path}`, { size: 1_000 + last++ });
    stored.get(user)?.add(path);
    touched.add(keyOf(user, path));
  };
  for (const user of users) {
    for (let c = 0; c < COLLECTIONS; c++) {
      for (let i = 0; i < IMAGES; i++) put(user, `c${c}/${nameOf(last)}`);
    }
  }
  return {
    users,
    urlOf: (user) => `${dav.url}${user}/`,
    images: (user) => stored.get(user) ?? new Set(),
    change() {
      for (let n = chance.int(1, CHANGES_AT_ONCE); n > 0; n--) {
        const user = chance.pick(users);
        const paths = [...(stored.get(user) ?? [])];
        if (chance.happens(0.4) && paths.length > IMAGES) {
          const path = chance.pick(paths);
          dav.tree.remove(`${user}/${path}`);
          stored.get(user)?.delete(path);
          touched.add(keyOf(user, path));
          // Without a number of its own, a file that was renamed is another one.
          if (chance.happens(RENAMES)) put(user, `${dirname(path)}/${nameOf(last)}`);
        } else put(user, `c${chance.int(0, COLLECTIONS + 2)}/${nameOf(last)}`);
      }
    },
    touched() {
      const since = touched;
      touched = new Set();
      return since;
    },
    close: () => dav.close(),
  };
}

export function keyOf(user: string, path: string): string {
  return `${user}:${path}`;
}

function nameOf(n: number): string {
  return `machine-${createHash('sha256').update(`${n}`).digest('hex').slice(0, 12)}.ova`;
}
