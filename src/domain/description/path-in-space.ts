import type { ResourcePath } from '../model/path.js';

/** What a path on a command line stands for, or why it stands for no file of a space. */
export type PathInSpace =
  | { readonly kind: 'path'; readonly path: ResourcePath }
  | { readonly kind: 'refused'; readonly why: string };

const HOW = 'name a file by its path below the root of the space, as "ovadex images" lists it';

/**
 * Turns a path as somebody writes it into that of the list: without slashes at its ends, doubled ones, and `.`. URLs, the
 * root itself, and whatever would lead out of the space by `..` are refused.
 */
export function pathInSpace(given: string): PathInSpace {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return refused(`is a URL; ${HOW}`);
  const names = given.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) return refused(`has a "..", which may lead out of the space; ${HOW}`);
  if (names.length === 0) return refused(`is no file; ${HOW}`);
  return { kind: 'path', path: names.join('/') as ResourcePath };
}

function refused(why: string): PathInSpace {
  return { kind: 'refused', why };
}
