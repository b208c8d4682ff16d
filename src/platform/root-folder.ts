import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** The number of links that Linux follows before it reports a loop (path_resolution(7)). */
const MAX_LINKS = 40;

/** Returns the target of the link at this absolute path, seen from the root; null if it is not a link. */
export type LinkAt = (path: string) => string | null;

/**
 * Resolves the links of an absolute path within a root: absolute links begin at the root and `..` never leaves it, as
 * with systemd's `--root`. With `isLastKept`, a link in the last place is kept. Throws OvadexError `conflict` if the
 * links form a loop.
 */
export function resolveInRoot(path: string, linkAt: LinkAt, { isLastKept = false } = {}): string {
  const waiting = wordsOf(path);
  const done: string[] = [];
  let links = 0;
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (word === '..') {
      done.pop();
      continue;
    }
    const at = `/${[...done, word].join('/')}`;
    const target = isLastKept && waiting.length === 0 ? null : linkAt(at);
    if (target === null) {
      done.push(word);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new OvadexError('conflict', `${path}: its symbolic links form a loop at ${at}`);
    if (target.startsWith('/')) done.length = 0;
    waiting.unshift(...wordsOf(target));
  }
  return `/${done.join('/')}`;
}

/** Maps an absolute path within another machine's files to a path on this machine, never outside of that root. */
export function placeIn(root: string, path: string): string {
  return join(root, resolveInRoot(path, linksIn(root)));
}

/** Maps a path like `placeIn`, but does not follow a link in the last place. */
export function entryIn(root: string, path: string): string {
  return join(root, resolveInRoot(path, linksIn(root), { isLastKept: true }));
}

function linksIn(root: string): LinkAt {
  return (path) => {
    const file = join(root, path);
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(file) : null;
  };
}

function wordsOf(path: string): string[] {
  return path.split('/').filter((word) => word !== '' && word !== '.');
}
