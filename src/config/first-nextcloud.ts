import { OvadexError } from '../domain/model/errors.js';
import { USER_PLACEHOLDER } from '../domain/model/user-auth.js';
import { baseOf } from '../domain/policy/linking.js';

/**
 * How ovadex gets at the files of a Nextcloud, which shows them to their owner alone: by a folder with an app password of
 * each user, by links that users make, or by the credentials of one user.
 */
export type NextcloudWay = 'credentials' | 'link' | 'user';

export const NEXTCLOUD_WAYS: readonly NextcloudWay[] = ['credentials', 'link', 'user'];

/** Returns where a Nextcloud has its users' files, with {user}, given its own address or any WebDAV address there. */
export function nextcloudFiles(url: string): string {
  const slashed = url.endsWith('/') ? url : `${url}/`;
  const filled = slashed.replaceAll(USER_PLACEHOLDER, 'user');
  if (!/^https?:\/\//i.test(filled) || !URL.canParse(filled)) {
    throw new OvadexError('usage', `${url}: must be an http or https URL, such as "https://cloud.example.org/"`);
  }
  const base = baseOf(slashed) ?? slashed;
  if (!base.includes(USER_PLACEHOLDER)) return `${base}remote.php/dav/files/${USER_PLACEHOLDER}/`;
  throw new OvadexError('usage', `${url}: must be the address of the Nextcloud itself, without {user}`);
}

/** Returns the lines of a configuration that say whose images are indexed; `folder` is that of the app passwords. */
export function nextcloudSpaces(way: Exclude<NextcloudWay, 'user'>, files: string, folder: string): readonly string[] {
  if (way === 'link') {
    return [
      '# A Nextcloud whose users connect their own storage, by POST /v2/user/space/link.',
      'link:',
      '  origins:',
      `    - url: ${JSON.stringify(files)}`,
      '',
      '# Further spaces.',
      'spaces: []',
    ];
  }
  return [
    '# Defaults for every space.',
    'storage:',
    `  url: ${JSON.stringify(files)}`,
    '',
    '# Whose images are indexed: each file of this folder has the name of a user and contains an app password.',
    'spaces:',
    `  - credentials: ${JSON.stringify(folder)}`,
  ];
}
