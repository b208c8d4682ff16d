import * as z from 'zod';
import { isSafeUrl } from '../../domain/text/safe-url.js';
import { WEBHOOK_EVENTS, type WebhookSettings } from '../../domain/webhooks/webhook.js';
import { isReadable, list, mapping, text, userName, word } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';
import { type ConnectionEntry, type connectionKeys, connectionOf } from './connection.js';

/** As long as the digest's strength needs; a word that somebody remembers is guessed. */
const LEAST_SECRET_BYTES = 24;
const LONGEST_SECRET_BYTES = 512;
const ONE_SECRET = 'must have either secret or secretFile';
const URL_FORM =
  'must be an https URL, such as "https://deploy.example.org/hooks/ovadex", without credentials; http only on this machine';
const SECRET_FORM = `must be "whsec_" and a key in Base64, or a text of ${LEAST_SECRET_BYTES} to ${LONGEST_SECRET_BYTES} bytes`;
/** A metric and a command name a webhook by it. */
const NAME = /^[a-z\d][a-z\d._-]{0,63}$/i;

/** Receivers that are told of changes; none by default. */
export function webhooksSchema(surroundings: SchemaSurroundings, connection: ReturnType<typeof connectionKeys>) {
  return list(webhook(surroundings, connection), 'webhooks').superRefine((given, context) => {
    for (const [index, { name }] of given.entries()) {
      if (given.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({ code: 'custom', path: [index, 'name'], message: 'must be given once' });
    }
  });
}

function webhook(surroundings: SchemaSurroundings, connection: ReturnType<typeof connectionKeys>) {
  const isSecret = (given: string) => keyOf(given) !== null;
  return mapping({
    // The index remembers by it how far the receiver has been told.
    name: z
      .string({ error: 'must be a name' })
      .regex(NAME, { error: 'must be a name of up to 64 letters, digits, dots, dashes and underscores' }),
    url: z
      .string({ error: URL_FORM })
      .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]' })
      .refine(isReceiver, { error: URL_FORM }),
    secret: text('a secret').refine(isSecret, { error: SECRET_FORM }).optional(),
    secretFile: secretFile(surroundings)
      .refine(({ secret }) => isSecret(secret), { error: SECRET_FORM })
      .optional(),
    // Absent: of everybody's spaces.
    users: z
      .array(userName(), { error: 'must be a list of users' })
      .min(1, { error: 'must name a user; leave the key out for all users' })
      .optional(),
    events: z
      .array(word(WEBHOOK_EVENTS), { error: `must be a list of ${WEBHOOK_EVENTS.join(', ')}` })
      .min(1, { error: `must have one of ${WEBHOOK_EVENTS.join(', ')}` })
      .default([...WEBHOOK_EVENTS]),
    // A name that leads into the own network would let its owner send requests there.
    allowPrivate: z.boolean({ error: 'must be true or false' }).default(false),
    ...connection,
  })
    .refine(({ secret, secretFile: file }) => (secret === undefined) !== (file === undefined), {
      error: ONE_SECRET,
      when: isReadable,
    })
    .transform(
      ({ secret, secretFile: file, users = null, name, url, events, allowPrivate, ...entry }): WebhookSettings => {
        const settings = { name, url, users, events: [...new Set(events)], allowPrivate };
        const key = keyOf(secret ?? file?.secret ?? '') ?? new Uint8Array();
        // Not inherited from storage: that is another server, which has headers of its own.
        const reached = connectionOf(entry as ConnectionEntry, {});
        return reached === undefined ? { ...settings, secret: key } : { ...settings, secret: key, connection: reached };
      },
    );
}

function isReceiver(url: string): boolean {
  if (!isSafeUrl(url) || /[\s\p{Cc}\\#]/u.test(url)) return false;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

/** Returns the key of a secret: of Standard Webhooks' form the bytes that it stands for, else its own. */
function keyOf(secret: string): Uint8Array | null {
  const encoded = /^whsec_(.*)$/s.exec(secret)?.[1];
  if (encoded !== undefined && !/^[A-Za-z\d+/]+={0,2}$/.test(encoded)) return null;
  const key = encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64');
  return key.length < LEAST_SECRET_BYTES || key.length > LONGEST_SECRET_BYTES ? null : new Uint8Array(key);
}
