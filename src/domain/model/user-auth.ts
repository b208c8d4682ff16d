/** Stands for the user's name in a URL, a user name of the storage, or the path of a secret's file. */
export const USER_PLACEHOLDER = '{user}';

/** Credentials that differ from user to user: `{user}` stands for the name, and each may have a file with the secret. */
export type UserAuth =
  | { readonly type: 'basic' | 'digest'; readonly username: string; readonly password: string }
  | { readonly type: 'basic' | 'digest'; readonly username: string; readonly passwordFile: string }
  | { readonly type: 'bearer'; readonly tokenFile: string };

/** Puts a user's name in place of `{user}`, as it is. */
export function withUser(template: string, user: string): string {
  return template.replaceAll(USER_PLACEHOLDER, () => user);
}

/** Returns the URL of a user's space: the name is percent-encoded. */
export function urlOfUser(template: string, user: string): string {
  return new URL(withUser(template, encodeURIComponent(user))).href;
}
