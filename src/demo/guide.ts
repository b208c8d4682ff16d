import { join } from 'node:path';
import { WELL_KNOWN_IMAGE } from './spaces.js';

/** A command to paste into a shell, and what it shows; without `shows` it continues the previous step. */
export interface GuideStep {
  readonly shows: string;
  readonly command: string;
}

/** The steps for a newcomer, in order. */
export interface Guide {
  /** Variables to set first: tokens are long and would make the commands unreadable. */
  readonly variables: readonly string[];
  readonly requests: readonly GuideStep[];
  readonly commands: readonly GuideStep[];
}

export interface GuideFacts {
  /** The API's URL without a trailing slash. */
  readonly apiUrl: string;
  readonly user: string;
  readonly token: string;
  readonly adminToken: string;
  /** The id of a sync to look at. */
  readonly syncId: number;
  /** The user's space as a local folder. */
  readonly directory: string;
  readonly configFile: string;
  /** The words that run the program here, as typed in a shell. */
  readonly program: string;
  /** A command that formats JSON, such as `jq`; null if this machine has none. */
  readonly formatter: string | null;
}

/** Creates the guide: requests to the API, and commands. All of them need only the variables. */
export function guideOf(facts: GuideFacts): Guide {
  const { apiUrl, user, token, adminToken, syncId, directory, configFile, program, formatter } = facts;
  const shown = formatter === null ? " -w '\\n'" : '';
  const formatted = formatter === null ? '' : ` | ${formatter}`;
  const curl = (path: string, variable: 'T' | 'ADMIN' | null, ...options: string[]) => {
    const bearer = variable === null ? [] : [`-H "Authorization: Bearer $${variable}"`];
    return [`curl -s${shown}`, ...options, ...bearer, quote(apiUrl + path)].join(' ') + formatted;
  };
  const dropped = join(directory, 'images/dropped.ova');
  const body = `-X POST -H ${quote('Content-Type: application/json')} -d ${quote(JSON.stringify({ user }))}`;
  return {
    variables: [
      `export T=${quote(token)}`,
      `export ADMIN=${quote(adminToken)}`,
      `export OVADEX_CONFIG=${quote(configFile)}`,
    ],
    requests: [
      { shows: `the images of ${user}`, command: curl('/v2/image', 'T') },
      { shows: 'only those with "ubuntu" in their names', command: curl('/v2/image?name=ubuntu', 'T') },
      { shows: 'the last name first', command: curl('/v2/image?sort=name,desc', 'T') },
      {
        shows: 'the filters and sort orders of the list; needs no token',
        command: curl('/v2/image', null, '-X OPTIONS'),
      },
      {
        shows: `a reindex of ${user}'s space, requested by an administrator; the answer names the request`,
        command: curl('/v2/admin/sync', 'ADMIN', body),
      },
      {
        shows: 'how a request went: here the first crawl',
        command: curl(`/v2/request/image_sync/${syncId}`, 'ADMIN'),
      },
      {
        shows: 'a file that is dropped into the folder is listed within two seconds',
        command: [
          `cp ${quote(join(directory, WELL_KNOWN_IMAGE))} ${quote(dropped)}`,
          'sleep 2',
          curl('/v2/image?name=dropped', 'T'),
        ].join(' && '),
      },
    ],
    commands: [
      { shows: 'daemon, spaces and storages at a glance', command: `${program} status` },
      { shows: 'every space and its condition', command: `${program} spaces` },
      { shows: `the images of ${user} as a table`, command: `${program} images --user ${user} --name ubuntu` },
      { shows: 'why a file is not in the list', command: `${program} why --user ${user} notes.txt` },
      { shows: 'whether all is well, and what to do if not', command: `${program} doctor` },
    ],
  };
}

/** Quotes a text as one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
