import { parentOf, pathFromBytes, type ResourcePath, ROOT } from '../model/path.js';
import type { PathHint } from '../model/path-hint.js';
import type { SpaceSettings } from '../model/space.js';

/** Whose files a space shows, and where its root lies among them. */
export interface Home {
  /** The account of the storage. */
  readonly owner: string;
  /** The names from the root of the account's files down to the root of the space. */
  readonly below: readonly string[];
}

/**
 * Returns the home that the URL of a space tells, as Nextcloud and ownCloud write it: `/remote.php/dav/files/{owner}/`
 * or `/remote.php/webdav/`. With any other URL the space is its user's whole home.
 */
export function homeOf({ user, url }: Pick<SpaceSettings, 'user' | 'url'>): Home {
  const segments = segmentsOf(new URL(url).pathname).map(decoded);
  const script = segments.indexOf('remote.php');
  if (script === -1) return { owner: user, below: [] };
  const [kind, files, owner = user, ...below] = segments.slice(script + 1);
  if (kind === 'dav' && files === 'files') return { owner, below };
  return kind === 'webdav' ? { owner: user, below: segments.slice(script + 2) } : { owner: user, below: [] };
}

/** What a hint is about in a space. */
export interface HintedPlace {
  readonly path: ResourcePath;
  /** The collection in which something changed: `path` itself if the hint names it as one, else what contains it. */
  readonly collection: ResourcePath;
}

/**
 * Returns what a hint is about in a space; null if that is not in it or can't be a path. The hint is one for this
 * space's user or, if it is about a home, for its owner.
 */
export function placeOf(hint: PathHint, home: Home): HintedPlace | null {
  const names = segmentsOf(hint.path);
  if (names.some((name) => name === '.' || name === '..' || name.includes('\0'))) return null;
  const above = hint.below === 'home' ? home.below : [];
  if (above.slice(0, names.length).some((name, at) => name !== names[at])) return null;
  // Whatever happens to a folder above the root happens to the root.
  if (names.length < above.length) return { path: ROOT, collection: ROOT };
  const path = pathFromBytes(Buffer.from(names.slice(above.length).join('/'), 'utf8'));
  return { path, collection: hint.path.endsWith('/') ? path : parentOf(path) };
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
