import type { Credentials } from '../../domain/model/space.js';

/** Where a space can be searched. All paths are percent-encoded. */
export interface SearchPlace {
  /** The path to which the request goes, Nextcloud's `/remote.php/dav/`. */
  readonly arbiter: string;
  /**
   * All of the user's files, below the arbiter. Nextcloud finds nothing in a folder inside a team folder
   * (nextcloud/server#40590), so a space in a sub-folder is searched from here, too.
   */
  readonly scope: string;
  /** The URL path that hrefs of an answer begin with. */
  readonly base: string;
  /** The URL path of the space itself below `base`, with a slash at its end unless it is empty. */
  readonly below: string;
}

const OWN_FILES = /^(.*\/remote\.php\/)(?:dav\/files\/([^/]+)|webdav)\/(.*)$/;

/**
 * Returns where a space of Nextcloud's or ownCloud's kind can be searched, as its URL tells; null for any other.
 * `/remote.php/webdav/` doesn't name its user, who then is the one that logs in.
 */
export function searchPlaceOf(pathname: string, auth: Credentials): SearchPlace | null {
  const match = OWN_FILES.exec(pathname);
  if (match === null) return null;
  const [, root = '', named, below = ''] = match;
  const user = named ?? (auth.type === 'basic' ? encodeURIComponent(auth.username) : null);
  if (user === null) return null;
  return { arbiter: `${root}dav/`, scope: `/files/${user}`, base: `${root}dav/files/${user}/`, below };
}
