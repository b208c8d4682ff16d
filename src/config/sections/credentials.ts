import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Credentials } from '../../domain/model/space.js';
import { isReadable, mapping, text } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';

/** How to authenticate to a storage: `none`, or a method with its secret, inline or in a file. */
export function authSchema(surroundings: SchemaSurroundings) {
  // Some servers expect an empty password, with a token as the user name.
  const password = z.string({ error: 'must be text (in quotes if it looks like something else)' });
  const token = text('a token').regex(/^[\x21-\x7e]+$/, { error: 'must be a token without spaces' });
  const file = secretFile(surroundings);
  const passwordKeys = { password: password.optional(), passwordFile: file.optional() };
  // {user} would be sent literally, and each such attempt would count as a failed log-in.
  const username = text('a user name').refine((name) => !name.includes('{user}'), {
    error: 'must be written out, in an auth for each space: {user} is replaced only in url',
  });

  const basic = mapping({
    type: z.literal('basic'),
    username: username.regex(/^[^:\p{Cc}]*$/u, { error: 'must contain no colon and no control characters (RFC 7617)' }),
    ...passwordKeys,
  });
  const digest = mapping({ type: z.literal('digest'), username, ...passwordKeys });
  const tokenKeys = {
    token: token.optional(),
    tokenFile: file
      .refine(({ secret }) => token.safeParse(secret).success, 'must be a token without spaces')
      .optional(),
  };
  const bearer = mapping({ type: z.literal('bearer'), ...tokenKeys });
  const isOnePassword = (given: z.output<typeof basic> | z.output<typeof digest>) =>
    (given.password === undefined) !== (given.passwordFile === undefined);
  const onePassword = { error: 'must have either password or passwordFile', when: isReadable };

  const union = z.discriminatedUnion(
    'type',
    [
      mapping({ type: z.literal('none') }),
      basic.refine(isOnePassword, onePassword).transform(withPassword),
      digest.refine(isOnePassword, onePassword).transform(withPassword),
      bearer
        .refine((given) => (given.token === undefined) !== (given.tokenFile === undefined), {
          error: 'must have either token or tokenFile',
          when: isReadable,
        })
        .transform(({ token: inline, tokenFile }): Credentials => {
          if (tokenFile === undefined) return { type: 'bearer', token: inline ?? '' };
          return { type: 'bearer', tokenFile: tokenFile.path, tokenVersion: versionOf(tokenFile.secret) };
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

function withPassword(given: {
  type: 'basic' | 'digest';
  username: string;
  password?: string | undefined;
  passwordFile?: { readonly secret: string } | undefined;
}): Credentials {
  return { type: given.type, username: given.username, password: given.password ?? given.passwordFile?.secret ?? '' };
}

/** A fingerprint that changes with the token without revealing it: a suspended space is retried once its file has another token. */
function versionOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}
