import { OvadexError } from '../domain/model/errors.js';

/** What somebody says of a storage to begin with. */
export interface FirstAnswers {
  readonly url: string;
  readonly auth: 'none' | 'basic' | 'digest' | 'bearer';
  /** With basic and digest. */
  readonly username: string | null;
  /** Of the password or token, as the configuration names it; null without one. */
  readonly secretFile: string | null;
  /** Whose spaces; none: every folder below the URL is the space of the user with its name. */
  readonly users: readonly string[];
  readonly dataDirectory: string;
}

/** Where the spaces are: one URL for all, that of a single space, or a folder of spaces. */
export type FirstPlace =
  | { readonly kind: 'template' | 'single'; readonly url: string }
  | { readonly kind: 'discover'; readonly url: string };

/** Throws OvadexError `usage` where the URL says too little for these users. */
export function firstPlace({ url, users }: Pick<FirstAnswers, 'url' | 'users'>): FirstPlace {
  const isTemplate = url.includes('{user}');
  const slashed = url.endsWith('/') ? url : `${url}/`;
  if (users.length === 0) {
    const folder = slashed.replace(/\{user\}\/$/, '');
    if (folder.includes('{user}')) {
      throw new OvadexError(
        'usage',
        `${url}: every folder is to be a user's space, so {user} can only be its last part`,
      );
    }
    return { kind: 'discover', url: folder };
  }
  if (isTemplate) return { kind: 'template', url: slashed };
  if (users.length === 1) return { kind: 'single', url: slashed };
  throw new OvadexError('usage', `${url}: for several users it needs {user} where their names belong`);
}

/** A small configuration, to be read and gone on with by people. */
export function firstConfiguration(answers: FirstAnswers): string {
  const { auth, username, secretFile, users, dataDirectory } = answers;
  const place = firstPlace(answers);
  const [user = ''] = users;
  const spaces =
    place.kind === 'discover'
      ? ['  # Every folder directly below is the space of a user of its name.', `  - discover: ${quoted(place.url)}`]
      : place.kind === 'single'
        ? [`  - user: ${quoted(user)}`, `    url: ${quoted(place.url)}`]
        : users.map((each) => `  - user: ${quoted(each)}`);
  const secretKey = auth === 'bearer' ? 'tokenFile' : 'passwordFile';
  const lines = [
    '# The configuration of ovadex, made by "ovadex init". Every key is explained in ovadex.yaml(5) and ovadex.example.yaml.',
    '# Check it: ovadex config check --online',
    '',
    'data:',
    '  # The index lives here.',
    `  directory: ${quoted(dataDirectory)}`,
    '',
    '# What every space takes that does not say otherwise.',
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
  return `${lines.join('\n')}\n`;
}

/** A JSON string is one in YAML, too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
