import * as z from 'zod';
import type { Credentials } from '../../domain/model/space.js';
import { USER_PLACEHOLDER, type UserAuth } from '../../domain/model/user-auth.js';
import { isReadable, mapping, text } from '../fields/fields.js';
import { type SchemaSurroundings, type UserSecretFile, userSecretFile } from '../fields/files.js';
import { tokenVersionOf } from '../source/secret-file.js';

/**
 * Credentials as the file gives them: the same for all, different from user to user, or, where the secrets are files in
 * a folder, without one.
 */
export type AuthEntry = Credentials | PerUser | Bare;

export interface PerUser {
  readonly perUser: UserAuth;
}

/** A method without its secret; `username` is null for the user's own name. */
export interface Bare {
  readonly bare: { readonly type: 'basic' | 'digest' | 'bearer'; readonly username: string | null };
}

/** Whether these are the same credentials for everybody. */
export function isOfAll(auth: AuthEntry): auth is Credentials {
  return !('perUser' in auth || 'bare' in auth);
}

/**
 * How to authenticate to a storage: `none`, or a method with its secret, inline or in a file. `mayBeBare`: the secret
 * may be missing, for somebody else to check.
 */
export function authSchema(surroundings: SchemaSurroundings, { mayBeBare = false } = {}) {
  // Some servers expect an empty password, with a token as the user name.
  const password = z.string({ error: 'must be text (in quotes if it looks like something else)' });
  const token = text('a token').regex(/^[\x21-\x7e]+$/, { error: 'must be a token without spaces' });
  const file = userSecretFile(surroundings);
  const passwordKeys = { password: password.optional(), passwordFile: file.optional() };
  const name = text('a user name');
  const basicName = name.regex(/^[^:\p{Cc}]*$/u, {
    error: 'must contain no colon and no control characters (RFC 7617)',
  });
  // The user's own name is meant if the secrets are in a folder.
  const username = mayBeBare ? name.optional() : name;

  const basic = mapping({
    type: z.literal('basic'),
    username: mayBeBare ? basicName.optional() : basicName,
    ...passwordKeys,
  });
  const digest = mapping({ type: z.literal('digest'), username, ...passwordKeys });
  const tokenKeys = {
    token: token.optional(),
    tokenFile: file
      .refine(({ secret }) => secret === null || token.safeParse(secret).success, 'must be a token without spaces')
      .optional(),
  };
  const bearer = mapping({ type: z.literal('bearer'), ...tokenKeys });
  const isOnePassword = (given: z.output<typeof basic> | z.output<typeof digest>) =>
    (given.password === undefined) !== (given.passwordFile === undefined) ||
    (mayBeBare && given.password === undefined && given.passwordFile === undefined);
  const onePassword = { error: ONE_PASSWORD, when: isReadable };
  const isNamed = (given: z.output<typeof basic> | z.output<typeof digest>) =>
    given.username !== undefined || (given.password ?? given.passwordFile) === undefined;
  const named = { error: 'must be a user name', path: ['username'] };

  const union = z.discriminatedUnion(
    'type',
    [
      mapping({ type: z.literal('none') }),
      basic.refine(isOnePassword, onePassword).refine(isNamed, named).transform(withPassword),
      digest.refine(isOnePassword, onePassword).refine(isNamed, named).transform(withPassword),
      bearer
        .refine(
          (given) =>
            (given.token === undefined) !== (given.tokenFile === undefined) ||
            (mayBeBare && given.token === undefined && given.tokenFile === undefined),
          { error: ONE_TOKEN, when: isReadable },
        )
        .transform(({ token: inline, tokenFile }): AuthEntry => {
          if (inline !== undefined) return { type: 'bearer', token: inline };
          if (tokenFile === undefined) return { bare: { type: 'bearer', username: null } };
          const { path, secret } = tokenFile;
          if (secret === null) return { perUser: { type: 'bearer', tokenFile: path } };
          return { type: 'bearer', tokenFile: path, tokenVersion: tokenVersionOf(secret) };
        }),
    ],
    {
      error: (issue) =>
        issue.code === 'invalid_union' ? ONE_OF : 'must be a mapping with a type: none, basic, digest or bearer',
    },
  );
  const anyKey = mapping({ type: z.unknown(), username: username.optional(), ...passwordKeys, ...tokenKeys });
  /** The union stops at an unknown type, so other problems are reported here. */
  return z.preprocess(async (given, context) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
    const { type } = given as { readonly type?: unknown };
    if (TYPES.some((each) => each === type)) return given;
    const meant = typeof type === 'string' ? TYPES.find((each) => each === type.trim().toLowerCase()) : undefined;
    const form = meant === undefined ? anyKey : union;
    const others = await form.safeParseAsync({ ...given, type: meant ?? type });
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    const issues = [{ code: 'custom', path: ['type'], message: ONE_OF + hint }, ...(others.error?.issues ?? [])];
    for (const issue of issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  }, union);
}

const TYPES = ['none', 'basic', 'digest', 'bearer'] as const;
const ONE_OF = `must be one of ${TYPES.join(', ')}`;

const ONE_PASSWORD = 'must have either password or passwordFile';
const ONE_TOKEN = 'must have either token or tokenFile';

/** What is wrong with credentials that lack their secret, where no folder has one. */
export function troubleOfBare({ bare }: Bare): string {
  return bare.type === 'bearer' ? ONE_TOKEN : ONE_PASSWORD;
}

function withPassword(given: {
  type: 'basic' | 'digest';
  username?: string | undefined;
  password?: string | undefined;
  passwordFile?: UserSecretFile | undefined;
}): AuthEntry {
  const { type, username = USER_PLACEHOLDER, passwordFile } = given;
  const password = given.password ?? passwordFile?.secret ?? null;
  if (password === null && passwordFile !== undefined) {
    return { perUser: { type, username, passwordFile: passwordFile.path } };
  }
  if (password === null) return { bare: { type, username: given.username ?? null } };
  return username.includes(USER_PLACEHOLDER) ? { perUser: { type, username, password } } : { type, username, password };
}
