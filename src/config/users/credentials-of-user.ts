import type { Credentials } from '../../domain/model/space.js';
import { type UserAuth, withUser } from '../../domain/model/user-auth.js';
import { type FileProblem, type SecretFile, tokenVersionOf } from '../source/secret-file.js';

/** A user's credentials, or why there are none, without quoting a secret. */
export type UserCredentials =
  | { readonly auth: Credentials }
  | { readonly problem: string; readonly file: string | null; readonly isGone: boolean };

/** What a token consists of, as in a `token` of the configuration. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Fills in the credentials of one user, whose secret may be in a file. */
export async function credentialsOfUser(
  template: UserAuth,
  user: string,
  readSecret: (file: string) => Promise<SecretFile>,
): Promise<UserCredentials> {
  if (template.type === 'bearer') {
    const file = withUser(template.tokenFile, user);
    const read = await readSecret(file);
    if ('problem' in read) return problemOf(read, file);
    if (!TOKEN.test(read.secret)) return problemOf({ problem: 'must be a token without spaces' }, file);
    return { auth: { type: 'bearer', tokenFile: file, tokenVersion: tokenVersionOf(read.secret) } };
  }
  const { type } = template;
  const username = withUser(template.username, user);
  if (type === 'basic' && username.includes(':')) {
    return problemOf({ problem: 'the user name must contain no colon (RFC 7617)' }, null);
  }
  if ('password' in template) return { auth: { type, username, password: template.password } };
  const file = withUser(template.passwordFile, user);
  const read = await readSecret(file);
  return 'problem' in read ? problemOf(read, file) : { auth: { type, username, password: read.secret } };
}

function problemOf({ problem, isGone = false }: FileProblem, file: string | null): UserCredentials {
  return { problem, file, isGone };
}
