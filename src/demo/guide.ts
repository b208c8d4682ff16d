import { join } from 'node:path';
import { WELL_KNOWN_IMAGE } from './spaces.js';

/** A command to paste into a shell, and what it shows. */
export interface GuideStep {
  readonly shows: string;
  readonly command: string;
}

export interface GuideFacts {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  readonly user: string;
  readonly token: string;
  readonly adminToken: string;
  /** A sync to look at. */
  readonly syncId: number;
  /** The user's space as a local folder. */
  readonly directory: string;
}

/** What a newcomer tries first. Each command stands for itself: it needs no variable and no earlier one. */
export function guideSteps({ apiUrl, user, token, adminToken, syncId, directory }: GuideFacts): readonly GuideStep[] {
  const curl = (path: string, bearer: string, ...options: string[]) =>
    ['curl -s', ...options, '-H', quote(`Authorization: Bearer ${bearer}`), quote(apiUrl + path)].join(' ');
  const dropped = join(directory, 'images/dropped.ova');
  return [
    { shows: `the images of ${user}`, command: curl('/v2/image', token) },
    { shows: 'those with "ubuntu" in their names', command: curl('/v2/image?name=ubuntu', token) },
    { shows: 'the last name first', command: curl('/v2/image?sort=name,desc', token) },
    {
      shows: 'what the list understands; needs no token',
      command: `curl -s -X OPTIONS ${quote(`${apiUrl}/v2/image`)}`,
    },
    {
      shows: `a reindex of ${user}'s space, asked for by an administrator; the answer names its request`,
      command: curl(
        '/v2/admin/sync',
        adminToken,
        `-X POST -H ${quote('Content-Type: application/json')} -d ${quote(JSON.stringify({ user }))}`,
      ),
    },
    {
      shows: 'how a request went: here the first crawl',
      command: curl(`/v2/request/image_sync/${syncId}`, adminToken),
    },
    {
      shows: 'a file that is dropped into the folder is listed within two seconds',
      command: [
        `cp ${quote(join(directory, WELL_KNOWN_IMAGE))} ${quote(dropped)}`,
        'sleep 2',
        curl('/v2/image?name=dropped', token),
      ].join(' && '),
    },
  ];
}

/** One word to a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
