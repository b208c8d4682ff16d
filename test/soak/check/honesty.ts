import type { MarkerStyle } from '../../support/dav-server/markers.js';
import type { DavSite } from '../../support/dav-server/site.js';
import type { DavNode, DavTree } from '../../support/dav-server/tree.js';

/** What a collection's marker is and what it vouches for. */
interface Vouched {
  readonly marker: string;
  readonly modifiedAt: number;
  /** The names directly inside; where markers reach up to every ancestor, those of the whole subtree. */
  readonly names: string;
}

/**
 * A marker may be trusted again once it is two seconds old by the server's clock:
 * a change within the same second is every client's own concern, not a lie.
 */
const SETTLED_MS = 2_000;

/** The markers that may be relied on. */
export function readMarkers({ tree, shownMarker }: DavSite, style: MarkerStyle): Map<string, Vouched> {
  const vouched = new Map<string, Vouched>();
  const isDeep = style === 'nextcloud';
  const read = (node: DavNode, path: string, prefix: string) => {
    // Nobody may rely on anything inside of a mount.
    if (isDeep && node.isMount) return;
    const { etag, modifiedAt } = shownMarker(path);
    const marker = etag ?? new Date(modifiedAt).toUTCString();
    vouched.set(path, { marker, modifiedAt, names: namesIn(node, isDeep) });
    for (const child of node.children?.values() ?? []) {
      if (child.children !== null && !child.isLink) read(child, `${prefix}${child.name}`, `${prefix}${child.name}/`);
    }
  };
  read(tree.root, '', '');
  return vouched;
}

/** Whether some marker stood still although what it vouches for is not the same any more. */
export function markersLie(
  before: ReadonlyMap<string, Vouched>,
  after: ReadonlyMap<string, Vouched>,
  now: number,
): boolean {
  for (const [path, { marker, modifiedAt, names }] of after) {
    const earlier = before.get(path);
    if (earlier === undefined || earlier.marker !== marker || earlier.names === names) continue;
    if (modifiedAt <= now - SETTLED_MS) return true;
  }
  return false;
}

/**
 * Whether some marker has moved and the names that are looked at did not: with a change below at the same time that looks
 * like a marker that shows what is below, on any server.
 */
export interface Coincidences {
  readonly haveHappened: boolean;
  /** To be called at each change; `isLookedAt` tells the files that are. */
  look(tree: DavTree, isLookedAt: (path: string, node: DavNode) => boolean): void;
}

export function createCoincidences(): Coincidences {
  /** The version at which a collection had these names. */
  const seen = new Map<string, number>();
  let haveHappened = false;
  return {
    get haveHappened() {
      return haveHappened;
    },
    look(tree, isLookedAt) {
      const read = (node: DavNode, path: string) => {
        const names: string[] = [];
        for (const child of node.children?.values() ?? []) {
          const place = path === '' ? child.name : `${path}/${child.name}`;
          if (child.children !== null || isLookedAt(place, child)) names.push(child.name);
          if (child.children !== null && !child.isLink) read(child, place);
        }
        const state = JSON.stringify([path, ...names.sort((a, b) => (a < b ? -1 : 1))]);
        haveHappened ||= (seen.get(state) ?? node.version) !== node.version;
        seen.set(state, node.version);
      };
      read(tree.root, '');
    },
  };
}

function namesIn(node: DavNode, isDeep: boolean): string {
  const names: string[] = [];
  for (const child of node.children?.values() ?? []) {
    if (child.children === null) names.push(child.key);
    else if (!isDeep || child.isLink) names.push(`${child.key}/`);
    else names.push(child.isMount ? `${child.key}/M` : `${child.key}/(${namesIn(child, isDeep)})`);
  }
  return names.sort((a, b) => (a < b ? -1 : 1)).join('\n');
}
