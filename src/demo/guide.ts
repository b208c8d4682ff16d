import { join } from 'node:path';
import { WELL_KNOWN_IMAGE } from './spaces.js';

/** A command to paste into a shell, and what it shows; without `shows` it goes on with the one before. */
export interface GuideStep {
  readonly shows: string;
  readonly command: string;
}

/** What a newcomer tries, in the order in which it is pasted. */
export interface Guide {
  /** Once, before the rest: tokens are long, and lines with them can't be read. */
  readonly variables: readonly string[];
  readonly requests: readonly GuideStep[];
  readonly commands: readonly GuideStep[];
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
  readonly configFile: string;
  /** The words that run the program here, as typed into a shell. */
  readonly program: string;
  /** What shows JSON well, such as `jq`; null: this machine has nothing of the kind. */
  readonly formatter: string | null;
}

/** Two kinds of lines to paste: requests to the API, and commands. All of them want the variables, and nothing else. */
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
      { shows: 'those with "ubuntu" in their names', command: curl('/v2/image?name=ubuntu', 'T') },
      { shows: 'the last name first', command: curl('/v2/image?sort=name,desc', 'T') },
      { shows: 'what the list understands; needs no token', command: curl('/v2/image', null, '-X OPTIONS') },
      {
        shows: `a reindex of ${user}'s space, asked for by an administrator; the answer names its request`,
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

/** One word to a POSIX shell, whatever it holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
