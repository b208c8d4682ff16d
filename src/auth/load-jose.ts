let loaded: Promise<typeof import('jose')> | undefined;

/**
 * Loads the JWT library when the first JWT is received or issued. Many daemons only ever see their own opaque tokens,
 * and its 46 modules take 4 MB and 50 ms of a start.
 */
export function loadJose(): Promise<typeof import('jose')> {
  loaded ??= import('jose');
  return loaded;
}
