import { resolve } from 'node:path';
import type { FirstAnswers } from '../../config/first-config.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Ask } from '../terminal/ask.js';
import type { GivenAnswers, InitOptions } from './init-options.js';
import { askNextcloud, isNextcloudMeant, nextcloudAnswersFrom } from './nextcloud-answers.js';

const KINDS = ['basic', 'digest', 'bearer', 'none'] as const;

/** Takes the answers from flags alone. Throws OvadexError `usage`, which names everything that is missing. */
export function answersFrom(options: InitOptions): GivenAnswers {
  if (options.nextcloud !== undefined) return nextcloudAnswersFrom(options, options.nextcloud);
  const { url, user = [], discover = false, username, passwordFile } = options;
  const auth = kindOf(options.auth ?? (username === undefined ? 'none' : 'basic'));
  const hasName = auth === 'basic' || auth === 'digest';
  const missing = [
    ...(url === undefined ? ['--url URL'] : []),
    ...(user.length === 0 && !discover ? ['--user U (repeatable), or --discover'] : []),
    ...(hasName && username === undefined ? ['--username NAME'] : []),
    ...(auth !== 'none' && passwordFile === undefined ? ['--password-file FILE'] : []),
  ];
  if (missing.length > 0 || url === undefined) {
    throw new OvadexError('usage', `init: missing ${missing.join('; ')}; run it on a terminal to be asked for them`);
  }
  if (user.length > 0 && discover) throw new OvadexError('usage', 'init: give either --user U or --discover');
  const secretFile = auth === 'none' || passwordFile === undefined ? null : resolve(passwordFile);
  return {
    url,
    auth,
    username: hasName ? (username ?? null) : null,
    secretFile,
    users: user,
    secret: null,
    nextcloud: null,
  };
}

/** Takes the answers from flags and asks for the rest. After answers that failed (`before`), everything is asked again. */
export async function askAnswers(ask: Ask, options: InitOptions, before: GivenAnswers | null): Promise<GivenAnswers> {
  const asked = async (question: string, flag: string | undefined, last: string | undefined, byDefault?: string) =>
    before === null && flag !== undefined ? flag : await ask.text(question, last ?? flag ?? byDefault);
  const url = await asked(
    "URL of the storage, with {user} in place of a user's name, such as https://dav.example.org/{user}/ or, of a Nextcloud, https://cloud.example.org/remote.php/dav/files/{user}/",
    options.url,
    before?.url,
  );
  if (isNextcloudMeant(options, url)) return await askNextcloud({ ask, asked, options, before }, url);
  const flagged = options.discover === true ? '*' : options.user?.join(' ');
  const whose = await asked(
    "Users, separated by spaces, or * if every folder is a user's space",
    flagged,
    before === null ? undefined : before.users.join(' ') || '*',
  );
  const users = whose === '*' ? [] : whose.split(/[\s,]+/).filter((user) => user !== '');
  const auth = kindOf(
    await asked(`How ovadex logs in to the storage (${KINDS.join(', ')})`, options.auth, before?.auth, 'basic'),
  );
  const hasName = auth === 'basic' || auth === 'digest';
  const username = hasName ? await asked('User name', options.username, before?.username ?? undefined) : null;
  if (auth === 'none') return { url, auth, username, secretFile: null, users, secret: null, nextcloud: null };
  if (options.passwordFile !== undefined) {
    return { url, auth, username, secretFile: resolve(options.passwordFile), users, secret: null, nextcloud: null };
  }
  const secret = await ask.secret(auth === 'bearer' ? 'Token (not shown)' : 'Password (not shown)');
  const typed = secret === '' ? (before?.secret ?? '') : secret;
  return { url, auth, username, secretFile: null, users, secret: typed, nextcloud: null };
}

function kindOf(text: string): FirstAnswers['auth'] {
  const known = KINDS.find((kind) => kind === text.toLowerCase());
  if (known === undefined)
    throw new OvadexError('usage', `"${text}" is not a way to log in; use one of ${KINDS.join(', ')}`);
  return known;
}
