import { resolve } from 'node:path';
import { NEXTCLOUD_WAYS, type NextcloudWay } from '../../config/first-nextcloud.js';
import { isNextcloudUrl } from '../../domain/hosts/requests-at-once.js';
import { OvadexError } from '../../domain/model/errors.js';
import { quote } from '../../domain/text/quote.js';
import type { Ask } from '../terminal/ask.js';
import type { GivenAnswers, InitOptions } from './init-options.js';

/** Without credentials of ovadex's own: each user has some. */
const OF_EACH_USER = { auth: 'none', username: null, secretFile: null, users: [], secret: null } as const;

/** Whether to ask how a Nextcloud's files are reached: if a flag says so, or else the URL, unless others say it all. */
export function isNextcloudMeant({ nextcloud, user, discover, username }: InitOptions, url: string): boolean {
  if (nextcloud !== undefined) return true;
  return URL.canParse(url) && isNextcloudUrl(url) && user === undefined && username === undefined && discover !== true;
}

/** Takes the answers about a Nextcloud from flags alone, as `answersFrom` does. */
export function nextcloudAnswersFrom(options: InitOptions, word: string): GivenAnswers {
  const way = wayOf(word);
  const { url, user = [], username, passwordFile } = options;
  if (options.discover === true || (options.auth ?? 'basic') !== 'basic') {
    throw new OvadexError('usage', 'init: with --nextcloud, give neither --discover nor an --auth other than basic');
  }
  const isOne = way === 'user';
  if (!isOne && (user.length > 0 || username !== undefined || passwordFile !== undefined)) {
    throw new OvadexError(
      'usage',
      `init: give --user, --username and --password-file with --nextcloud user only, not with ${way}`,
    );
  }
  const missing = [
    ...(url === undefined ? ['--url URL'] : []),
    ...(isOne && user.length === 0 ? ['--user U'] : []),
    ...(isOne && passwordFile === undefined ? ['--password-file FILE'] : []),
  ];
  if (missing.length > 0 || url === undefined) {
    throw new OvadexError('usage', `init: missing ${missing.join('; ')}; run it on a terminal to be asked for them`);
  }
  if (user.length > 1) {
    throw new OvadexError('usage', 'init: give one --user with --nextcloud user; for several, --nextcloud credentials');
  }
  if (!isOne || passwordFile === undefined) return { ...OF_EACH_USER, url, nextcloud: way };
  const name = username ?? user[0] ?? '';
  const secretFile = resolve(passwordFile);
  return { url, nextcloud: way, auth: 'basic', username: name, secretFile, users: user, secret: null };
}

/** Asks for the rest about the Nextcloud at `url`; `asked` and `before` are those of `askAnswers`. */
export async function askNextcloud(
  asking: {
    readonly ask: Ask;
    readonly asked: (
      question: string,
      flag: string | undefined,
      last: string | undefined,
      byDefault?: string,
    ) => Promise<string>;
    readonly options: InitOptions;
    readonly before: GivenAnswers | null;
  },
  url: string,
): Promise<GivenAnswers> {
  const { ask, asked, options, before } = asking;
  const question =
    'Whose app passwords open the files of this Nextcloud: those in a folder, those that users hand in by a link in the browser, or that of one user (credentials, link, user)';
  const way = wayOf(await asked(question, options.nextcloud, before?.nextcloud ?? undefined, 'credentials'));
  if (way !== 'user') return { ...OF_EACH_USER, url, nextcloud: way };
  const user = await asked('User', options.user?.[0], before?.users[0]);
  const rest = { url, nextcloud: way, auth: 'basic', username: options.username ?? user, users: [user] } as const;
  if (options.passwordFile !== undefined) return { ...rest, secretFile: resolve(options.passwordFile), secret: null };
  const secret = await ask.secret('App password (not shown)');
  return { ...rest, secretFile: null, secret: secret === '' ? (before?.secret ?? '') : secret };
}

function wayOf(text: string): NextcloudWay {
  const known = NEXTCLOUD_WAYS.find((way) => way === text.toLowerCase());
  if (known !== undefined) return known;
  throw new OvadexError('usage', `${quote(text)} is no way to open files; use one of ${NEXTCLOUD_WAYS.join(', ')}`);
}
