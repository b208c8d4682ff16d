import * as z from 'zod';
import { eitherForm, mapping } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';

/** Apache and others accept header lines up to 8190 bytes; cookies and signed tokens come near. */
const MAX_HEADER_LENGTH = 8_000;
/** Headers set by each request or by the connection. */
const OWN_HEADERS = [
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'depth',
  'expect',
  'host',
  'keep-alive',
  'prefer',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** Headers whose values are not secret. */
const OPEN_HEADERS = new Set(['accept-language', 'origin', 'referer', 'user-agent']);

export function isSecretHeader(name: string): boolean {
  return !OPEN_HEADERS.has(name.toLowerCase());
}

/** Header names and their values, inline or in a file. */
export function headersSchema(surroundings: SchemaSurroundings) {
  const form = 'must be text (in quotes if it looks like something else) or a mapping of file';
  const name = z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, { error: 'must be the name of a header' })
    .refine((given) => !OWN_HEADERS.includes(given.toLowerCase()) && !/^content-/i.test(given), {
      error: `must be a header that ovadex doesn't set itself; it sets ${OWN_HEADERS.join(', ')} and content-*`,
    });
  const printable = z
    .string()
    .max(MAX_HEADER_LENGTH, { error: `must be at most ${MAX_HEADER_LENGTH} characters long` })
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, {
      error: 'must be ASCII without control characters or spaces at its ends',
    });
  const inline = z.string({ error: form }).pipe(printable);
  const fromFile = mapping({ file: secretFile(surroundings) })
    .transform(({ file }) => file.secret)
    .pipe(printable);
  const value = eitherForm<string>(
    (given) => (typeof given === 'object' && given !== null ? fromFile : inline),
    [inline, fromFile],
  );
  return z
    .record(name, value, {
      error: (issue) =>
        issue.code === 'invalid_key'
          ? issue.issues.map(({ message }) => message).join('; ')
          : 'must be a mapping of header names and values',
    })
    .refine(
      (headers) => new Set(Object.keys(headers).map((each) => each.toLowerCase())).size === Object.keys(headers).length,
      {
        error: 'must name each header once (case does not matter)',
      },
    );
}
