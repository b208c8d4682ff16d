import { createHash } from 'node:crypto';
import { type AuthChallenge, parseChallenges } from '../failure/challenge.js';

/** A server's Digest challenge (RFC 7616 3.3) in a form that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** The algorithm as spelled by the server; null if it named none, which means MD5. */
  readonly algorithm: string | null;
  readonly hash: 'md5' | 'sha256';
  /** Whether the key is derived anew for each nonce. */
  readonly isSession: boolean;
  /** Whether qop=auth was offered; if not, the server follows RFC 2069. */
  readonly hasQop: boolean;
  readonly hashesUsername: boolean;
  /** Whether the credentials were right and only the nonce was too old. */
  readonly isStale: boolean;
}

/** A challenge with the client's nonce and the count of its uses. */
export interface DigestUse {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  /** Counts the requests with this nonce, from 1. */
  readonly count: number;
}

interface Asked {
  readonly method: string;
  /** The URI exactly as in the request line. */
  readonly uri: string;
}

interface Account {
  readonly username: string;
  readonly password: string;
}

const ALGORITHMS = new Map<string, Pick<DigestChallenge, 'hash' | 'isSession'>>([
  ['md5', { hash: 'md5', isSession: false }],
  ['md5-sess', { hash: 'md5', isSession: true }],
  ['sha-256', { hash: 'sha256', isSession: false }],
  ['sha-256-sess', { hash: 'sha256', isSession: true }],
]);

/** Picks the strongest Digest challenge that can be answered, the first of equals; null if there is none. */
export function strongestDigest(headers: readonly string[]): DigestChallenge | null {
  const known = parseChallenges(headers)
    .map(digestOf)
    .filter((challenge) => challenge !== null);
  return known.find(({ hash }) => hash === 'sha256') ?? known[0] ?? null;
}

function digestOf({ scheme, parameters }: AuthChallenge): DigestChallenge | null {
  const algorithm = parameters.get('algorithm') ?? null;
  const known = ALGORITHMS.get((algorithm ?? 'md5').toLowerCase());
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const qop = parameters.get('qop')?.trim() ?? '';
  const hasQop = /(?:^|[\s,])auth(?:[\s,]|$)/i.test(qop);
  if (scheme !== 'digest' || known === undefined || realm === undefined || nonce === undefined) return null;
  // Only auth-int was offered: the body would have to be hashed, too, which no known WebDAV server requires.
  if (qop !== '' && !hasQop) return null;
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque') ?? null,
    algorithm,
    ...known,
    hasQop,
    hashesUsername: parameters.get('userhash')?.toLowerCase() === 'true',
    isStale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}

/** Builds the value of an Authorization header (RFC 7616 3.4). Texts are hashed and sent as UTF-8. */
export function digestAuthorization(use: DigestUse, asked: Asked, { username, password }: Account): string {
  const { challenge, cnonce } = use;
  const { realm, nonce, opaque, algorithm, hasQop, hashesUsername } = challenge;
  const hash = (text: string) => createHash(challenge.hash).update(text, 'utf8').digest('hex');
  const count = use.count.toString(16).padStart(8, '0');

  const account = hash(`${username}:${realm}:${password}`);
  const key = challenge.isSession ? hash(`${account}:${nonce}:${cnonce}`) : account;
  const request = hash(`${asked.method}:${asked.uri}`);
  const response = hasQop
    ? hash(`${key}:${nonce}:${count}:${cnonce}:auth:${request}`)
    : hash(`${key}:${nonce}:${request}`);

  const parameters = [
    `username=${quoted(hashesUsername ? hash(`${username}:${realm}`) : username)}`,
    `realm=${quoted(realm)}`,
    `uri=${quoted(asked.uri)}`,
  ];
  if (algorithm !== null) parameters.push(`algorithm=${algorithm}`);
  parameters.push(`nonce=${quoted(nonce)}`);
  if (hasQop) parameters.push(`nc=${count}`);
  if (hasQop || challenge.isSession) parameters.push(`cnonce=${quoted(cnonce)}`);
  if (hasQop) parameters.push('qop=auth');
  parameters.push(`response=${quoted(response)}`);
  if (opaque !== null) parameters.push(`opaque=${quoted(opaque)}`);
  if (hashesUsername) parameters.push('userhash=true');
  return headerText(`Digest ${parameters.join(', ')}`);
}

/** Returns the nonce that the server wants to be used next (RFC 7616 3.5), or null. */
export function nextNonceOf(authenticationInfo: string | null): string | null {
  if (authenticationInfo === null) return null;
  // The header consists of the parameters of a challenge, without a scheme.
  return parseChallenges([`info ${authenticationInfo}`])[0]?.parameters.get('nextnonce') ?? null;
}

/** Formats a quoted string (RFC 9110 5.6.4). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Encodes a text for the transport, which sends each UTF-16 unit of a header as a byte. */
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
