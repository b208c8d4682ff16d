import type { ResourcePath } from '../model/path.js';

/**
 * Turns what a person gives as a path, or as a URL below the space's, into the form of the list: without leading and
 * trailing slashes. null if it names nothing below the root.
 */
export function askedPath(given: string, spaceUrl: string): ResourcePath | null {
  const path = given.startsWith(spaceUrl) ? decoded(given.slice(spaceUrl.length)) : given;
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.length === 0 ? null : (names.join('/') as ResourcePath);
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch (error) {
    if (error instanceof URIError) return href; // bytes that aren't UTF-8: compared as they are spelled
    throw error;
  }
}
