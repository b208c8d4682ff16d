import * as z from 'zod';
import { ISSUER_ALGORITHMS, type IssuerSettings } from '../../domain/model/token.js';
import { isSafeUrl } from '../../domain/text/safe-url.js';
import { DURATION_FORM, DURATION_PATTERN, parseDuration } from '../fields/duration.js';
import { isReadable, list, mapping, text, wholeNumberOr, word } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';

/** A clock that is off by more than this is wrong. */
const MAX_LEEWAY_MS = 300_000;

/** How many failed log-ins are risked at one storage. */
export function failedLogIns() {
  return wholeNumberOr(['auto', 'off'], 1, 1_000).default('auto');
}

/** Storages that are told the addresses of clients who log in; none by default. */
export function forwardClientAddress() {
  return list(storageOrigin(), 'origins of storages');
}

/** Scheme, host and port of a storage. */
function storageOrigin() {
  const error = 'must be the origin of a storage, such as "https://cloud.example.org", without a path';
  return z.string({ error }).transform((value, context) => {
    const url = /^https?:\/\/[^/?#@\s]+\/?$/i.test(value) && URL.canParse(value) ? new URL(value) : null;
    if (url !== null) return url.origin;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

/** External issuers of tokens, each named once. */
export function issuers(surroundings: SchemaSurroundings) {
  return list(issuer(surroundings), 'issuers').superRefine((given, context) => {
    for (const [index, { issuer: name }] of given.entries()) {
      if (given.findIndex((other) => other.issuer === name) === index) continue;
      context.addIssue({ code: 'custom', path: [index, 'issuer'], message: 'must be named once' });
    }
  });
}

function issuer(surroundings: SchemaSurroundings) {
  return mapping({
    issuer: safeUrl('must be an https URL, exactly as the tokens have it, such as "https://login.example.org/"'),
    // Without it a token issued for another service would be accepted here.
    audience: text('the audience that the tokens name'),
    jwksUrl: safeUrl('must be an https URL, such as "https://login.example.org/keys"').optional(),
    // Most issuers use it, and all of them support it.
    algorithms: z
      .array(word(ISSUER_ALGORITHMS), { error: `must be a list of ${ISSUER_ALGORITHMS.join(', ')}` })
      .min(1, { error: `must have one of ${ISSUER_ALGORITHMS.join(', ')}` })
      .default(['RS256']),
    // The only claim that permanently identifies a user (OpenID Connect Core 5.7).
    userClaim: text('the name of a claim').default('sub'),
    adminClaim: text('the name of a claim').optional(),
    adminValue: text('a value').optional(),
    leeway: leeway().prefault('30s'),
    signIn: signIn(surroundings).optional(),
  })
    .refine(({ adminClaim, adminValue }) => (adminClaim === undefined) === (adminValue === undefined), {
      error: 'must have both adminClaim and adminValue, or neither',
      when: ({ value }) => typeof value === 'object' && value !== null,
    })
    .transform(
      ({
        issuer: name,
        jwksUrl = null,
        adminClaim,
        adminValue,
        leeway: leewayMs,
        signIn = null,
        ...rest
      }): IssuerSettings => ({
        ...rest,
        issuer: name,
        jwksUrl,
        admin: adminClaim === undefined || adminValue === undefined ? null : { claim: adminClaim, value: adminValue },
        leewayMs,
        signIn: signIn && { ...signIn, label: signIn.label ?? new URL(name).host },
      }),
    );
}

/** The console as a client of the issuer; the secret is left out for a public client. */
function signIn(surroundings: SchemaSurroundings) {
  return mapping({
    clientId: text('the id under which the issuer knows the console'),
    clientSecret: text('a secret').optional(),
    clientSecretFile: secretFile(surroundings).optional(),
    // Names that contain the user's and, by most issuers, groups.
    scopes: z
      .array(text('a scope'), { error: 'must be a list of scopes' })
      .refine((scopes) => scopes.includes('openid'), { error: 'must have "openid"' })
      .default(['openid', 'profile']),
    label: text('what people call the issuer').optional(),
  })
    .refine(({ clientSecret, clientSecretFile }) => clientSecret === undefined || clientSecretFile === undefined, {
      error: 'must not have both clientSecret and clientSecretFile',
      when: isReadable,
    })
    .transform(({ clientId, clientSecret, clientSecretFile, scopes, label }) => ({
      clientId,
      clientSecret: clientSecret ?? clientSecretFile?.secret ?? null,
      scopes,
      label,
    }));
}

/** A URL with https, or on this machine: anybody who can alter the keys in transit can sign any token. */
function safeUrl(error: string) {
  return z.string({ error }).refine(
    (value) => {
      if (!isSafeUrl(value) || /[\s\p{Cc}]/u.test(value)) return false;
      const { username, password, hash } = new URL(value);
      return username === '' && password === '' && hash === '';
    },
    { error: `${error}; http only on this machine` },
  );
}

function leeway() {
  const error = `must be ${DURATION_FORM}, at most 5m`;
  return z
    .string({ error })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const leewayMs = parseDuration(value);
      if (leewayMs !== null && leewayMs <= MAX_LEEWAY_MS) return leewayMs;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}
