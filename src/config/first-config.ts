import { OvadexError } from '../domain/model/errors.js';
import { type NextcloudWay, nextcloudFiles, nextcloudSpaces } from './first-nextcloud.js';

/** The answers from which a first configuration is made. */
export interface FirstAnswers {
  readonly url: string;
  readonly auth: 'none' | 'basic' | 'digest' | 'bearer';
  /** The user name for basic and digest; otherwise null. */
  readonly username: string | null;
  /** The file of the password or token, as named in the configuration; null without one. */
  readonly secretFile: string | null;
  /** Users whose spaces to index; if empty, every folder below the URL is the space of the user with that name. */
  readonly users: readonly string[];
  readonly dataDirectory: string;
  /** How a Nextcloud's files are reached, if the URL is one's; null for any other storage. */
  readonly nextcloud: NextcloudWay | null;
}

/** The folder of app passwords, beside the configuration. */
export const CREDENTIALS_FOLDER = 'users';

/** The location of the spaces: a URL with {user}, the URL of a single space, or a folder of spaces. */
export type FirstPlace =
  | { readonly kind: 'template' | 'single'; readonly url: string }
  | { readonly kind: 'discover'; readonly url: string };

/** Derives the location of the spaces from the answers. Throws OvadexError `usage` if the URL doesn't fit these users. */
export function firstPlace({ url, users, nextcloud }: Pick<FirstAnswers, 'url' | 'users' | 'nextcloud'>): FirstPlace {
  if (nextcloud !== null) return { kind: 'template', url: nextcloudFiles(url) };
  const isTemplate = url.includes('{user}');
  const slashed = url.endsWith('/') ? url : `${url}/`;
  if (users.length === 0) {
    const folder = slashed.replace(/\{user\}\/$/, '');
    if (folder.includes('{user}')) {
      throw new OvadexError(
        'usage',
        `${url}: every folder is the space of a user, so {user} can only be the last part`,
      );
    }
    return { kind: 'discover', url: folder };
  }
  if (isTemplate) return { kind: 'template', url: slashed };
  if (users.length === 1) return { kind: 'single', url: slashed };
  throw new OvadexError('usage', `${url}: with several users, it needs {user} in place of their names`);
}

/** Writes a small configuration for people to read and extend. */
export function firstConfiguration(answers: FirstAnswers): string {
  const { dataDirectory, nextcloud } = answers;
  const place = firstPlace(answers);
  const lines = [
    '# The configuration of ovadex, made by "ovadex init". Every key is explained in ovadex.yaml(5) and ovadex.example.yaml.',
    '# Check it: ovadex config check --online',
    '',
    'data:',
    '  # The index lives here.',
    `  directory: ${quoted(dataDirectory)}`,
    '',
    ...(nextcloud === null || nextcloud === 'user'
      ? storageAndSpaces(answers, place)
      : nextcloudSpaces(nextcloud, place.url, CREDENTIALS_FOLDER)),
  ];
  return `${lines.join('\n')}\n`;
}

function storageAndSpaces({ auth, username, secretFile, users }: FirstAnswers, place: FirstPlace): readonly string[] {
  const [user = ''] = users;
  const spaces =
    place.kind === 'discover'
      ? [
          '  # Every folder directly below is the space of the user with that name.',
          `  - discover: ${quoted(place.url)}`,
        ]
      : place.kind === 'single'
        ? [`  - user: ${quoted(user)}`, `    url: ${quoted(place.url)}`]
        : users.map((each) => `  - user: ${quoted(each)}`);
  const secretKey = auth === 'bearer' ? 'tokenFile' : 'passwordFile';
  return [
    '# Defaults for every space.',
    'storage:',
    ...(place.kind === 'template' ? [`  url: ${quoted(place.url)}`] : []),
    '  auth:',
    `    type: ${auth}`,
    ...(username === null ? [] : [`    username: ${quoted(username)}`]),
    ...(secretFile === null ? [] : [`    ${secretKey}: ${quoted(secretFile)}`]),
    '',
    '# Whose images are indexed.',
    'spaces:',
    ...spaces,
  ];
}

/** Quotes a text for YAML: a JSON string is also a YAML string. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
