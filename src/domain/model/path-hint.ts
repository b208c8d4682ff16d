/**
 * Somebody's word that something changed at a path. It only says where to look; the storage says what is there.
 * Nothing of it is verified.
 */
export interface PathHint {
  /** `space`: the user and the path are those of a space. `home`: those of an account of the storage and its files. */
  readonly below: 'space' | 'home';
  readonly user: string;
  /** Relative, whatever slashes it begins with; one that ends with a slash names a collection. */
  readonly path: string;
}

/** A request has at most this many hints: more changes at once are what a sync is for. */
export const MAX_HINTS = 100;
