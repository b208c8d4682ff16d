let loaded: Promise<typeof import('jose')> | undefined;

/**
 * Loads the library of JWTs for the first that comes or is made. Many a daemon sees none but its own short tokens,
 * and 46 modules are 4 MB and 50 ms of a start.
 */
export function loadJose(): Promise<typeof import('jose')> {
  loaded ??= import('jose');
  return loaded;
}
