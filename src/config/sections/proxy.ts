import * as z from 'zod';
import type { ProxySettings } from '../../domain/model/space.js';
import { eitherForm, isReadable, mapping, text } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';

/** A proxy, or `direct` to override an inherited one. */
export function proxySchema(surroundings: SchemaSurroundings) {
  const form = 'must be "http://host:port" or "https://host:port", a mapping with such a url, or direct';
  const password = z.string({ error: 'must be text (in quotes if it looks like something else)' });
  const url = z.string({ error: form }).transform((given, context): ProxySettings => {
    const proxy = given === 'direct' ? null : proxyOf(given);
    if (proxy !== null) return proxy;
    context.addIssue({ code: 'custom', message: form });
    return z.NEVER;
  });
  const detailed = mapping({
    url: url.refine(({ credentials }) => credentials === null, {
      error: 'must contain no credentials if username and password are given',
    }),
    username: text('a user name').regex(/^[^:\p{Cc}]*$/u, { error: 'must contain no colon and no control characters' }),
    password: password.optional(),
    passwordFile: secretFile(surroundings).optional(),
  })
    .refine((given) => (given.password === undefined) !== (given.passwordFile === undefined), {
      error: 'must have either password or passwordFile',
      when: isReadable,
    })
    .transform(
      (given): ProxySettings => ({
        url: given.url.url,
        credentials: { username: given.username, password: given.password ?? given.passwordFile?.secret ?? '' },
      }),
    );
  const direct = z.literal('direct');
  return eitherForm<ProxySettings | 'direct'>(
    (given) => {
      if (given === 'direct') return direct;
      return typeof given === 'object' && given !== null ? detailed : url;
    },
    [direct, url, detailed],
  );
}

/** Parses the URL of a proxy; null if it is invalid. */
function proxyOf(text: string): ProxySettings | null {
  if (!/^https?:\/\/[^/?#\s\\]+\/?$/i.test(text) || !URL.canParse(text)) return null;
  const { origin, username, password } = new URL(text);
  if (username === '' && password === '') return { url: origin, credentials: null };
  try {
    return {
      url: origin,
      credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    };
  } catch (error) {
    if (error instanceof URIError) return null; // a bare %
    throw error;
  }
}
