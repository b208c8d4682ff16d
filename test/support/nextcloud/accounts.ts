import { randomBytes } from 'node:crypto';
import { noteAccount } from '../secrets.js';
import type { CloudSpace } from './space.js';

/** What another program logs in with in a user's stead. */
export interface AppPassword {
  readonly id: number;
  /** What the user's settings call it: the program's User-Agent, or what the operator said. */
  readonly name: string;
  readonly secret: string;
  readonly user: string;
  /** A checkbox in the settings: without it the files look empty. */
  hasFileAccess: boolean;
}

export interface CloudAccount {
  readonly name: string;
  password: string;
  displayName: string;
  isAdmin: boolean;
  /** The user back end that has it; each is asked for its own page. */
  readonly backend: string;
  readonly groups: Set<string>;
  isEnabled: boolean;
  /** Then the real password opens nothing but the web pages. */
  needsSecondFactor: boolean;
  readonly space: CloudSpace;
}

/** Users and their app passwords. */
export interface CloudAccounts {
  readonly users: ReadonlyMap<string, CloudAccount>;
  readonly appPasswords: ReadonlyMap<string, AppPassword>;
  add(account: CloudAccount): void;
  /** The account that somebody means who logs in with a password under this name. */
  byLogin(name: string): CloudAccount | undefined;
  /** Lets a user log in with a password under another name, too. */
  addName(user: string, name: string): void;
  remove(user: string): void;
  setPassword(user: string, password: string): void;
  mint(user: string, name: string): AppPassword;
  revoke(secret: string): void;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 72 letters and digits, as Nextcloud's own. */
export const randomToken = (length = 72): string =>
  [...randomBytes(length)].map((byte) => LETTERS[byte % LETTERS.length]).join('');

export function createAccounts(): CloudAccounts {
  const users = new Map<string, CloudAccount>();
  const appPasswords = new Map<string, AppPassword>();
  const names = new Map<string, string>();
  let lastId = 0;
  return {
    users,
    appPasswords,
    add(account) {
      noteAccount(account.name, account.password);
      users.set(account.name, account);
    },
    byLogin: (name) => users.get(name) ?? users.get(names.get(name) ?? ''),
    addName(user, name) {
      names.set(name, user);
      noteAccount(name, users.get(user)?.password ?? '');
    },
    remove(user) {
      users.delete(user);
      for (const { secret, user: owner } of appPasswords.values()) if (owner === user) appPasswords.delete(secret);
    },
    setPassword(user, password) {
      const account = users.get(user);
      if (account === undefined) throw new Error(`no user "${user}"`);
      noteAccount(user, password);
      account.password = password;
    },
    mint(user, name) {
      const appPassword = { id: ++lastId, name, secret: randomToken(), user, hasFileAccess: true };
      noteAccount(user, appPassword.secret);
      appPasswords.set(appPassword.secret, appPassword);
      return appPassword;
    },
    revoke: (secret) => void appPasswords.delete(secret),
  };
}
