import { isUserName } from '../text/user-name.js';

/** Why an entry in a folder of credentials is no user, or is one that needs attention. */
export type UserFileFlaw =
  | 'hidden'
  | 'backup'
  | 'name'
  | 'folder'
  | 'empty'
  | 'unusable'
  | 'kept'
  | 'readable'
  | 'taken';

/** What editors, package managers and copies leave beside a file. No user of a usual storage is called so. */
const LEFTOVER = /(?:~|^#.*#|\.(?:swp|swo|tmp|part|bak|orig|rej|old|new|save|rpmnew|rpmsave|dpkg-[a-z]+))$/;

/** Returns what keeps a file of this name from being a user's, or null. */
export function flawOfUserFileName(name: string): UserFileFlaw | null {
  if (name.startsWith('.')) return 'hidden';
  if (LEFTOVER.test(name)) return 'backup';
  // U+FFFD stands for bytes that are not UTF-8.
  return isUserName(name) && !name.includes('\uFFFD') ? null : 'name';
}

/** What is said of entries with such a flaw, after their number and before their names; null if nothing is. */
export const WORDS_OF_FLAWS: Readonly<Record<UserFileFlaw, string | null>> = {
  // A file that is being written, or the link by which a mounted secret is exchanged: both are as they should be.
  hidden: null,
  backup: 'not taken for users: these look like backups or unfinished copies; remove them, or name them otherwise',
  name: 'not taken for users: a user name is UTF-8 without control characters and spaces at its ends; rename them',
  folder: 'not taken for users: each user is a file with the secret as its only line; move these elsewhere',
  empty: 'not taken for users: empty; write the app password into each, or remove it',
  unusable: 'not taken for users: each must be a regular file that ovadex may read, with the secret as its only line',
  kept: 'used with the secret of before until a restart: each must be a regular file that ovadex may read, with the secret as its only line; correct them, or remove them for their users to go',
  readable: 'used, but other accounts of this machine can read these secrets; run chmod 600 on them',
  taken: 'not used: the configuration names these users, or an earlier folder has them; remove one of the two',
};
