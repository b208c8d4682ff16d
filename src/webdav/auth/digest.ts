import { createHash } from 'node:crypto';
import { type AuthChallenge, parseChallenges } from '../failure/challenge.js';

/** What a server asks to have hashed (RFC 7616 3.3), in a form that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** As the server wrote it; null where it didn't, which is MD5. */
  readonly algorithm: string | null;
  readonly hash: 'md5' | 'sha256';
  /** The key is derived anew for each nonce. */
  readonly isSession: boolean;
  /** Whether qop=auth was offered; if not, the server is of RFC 2069. */
  readonly hasQop: boolean;
  readonly hashesUsername: boolean;
  /** The credentials were right, only the nonce is too old. */
  readonly isStale: boolean;
}

/** A challenge together with the client's own part, which counts how often it was used. */
export interface DigestUse {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  /** 1 for the first request with this nonce. */
  readonly count: number;
}

interface Asked {
  readonly method: string;
  /** Exactly as in the request line. */
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

/** The strongest Digest challenge that can be answered, the server's order where they are equal; null without any. */
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
  // Nothing but auth-int: the body would have to be hashed as well, which no WebDAV server was seen to ask for.
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

/** The value of an Authorization header (RFC 7616 3.4). Texts are hashed and sent as UTF-8. */
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

/** The nonce that a server wants next (RFC 7616 3.5), or null. */
export function nextNonceOf(authenticationInfo: string | null): string | null {
  if (authenticationInfo === null) return null;
  // The header is the parameters of a challenge without a scheme in front.
  return parseChallenges([`info ${authenticationInfo}`])[0]?.parameters.get('nextnonce') ?? null;
}

/** RFC 9110 5.6.4. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Headers are bytes to the transport, one for each UTF-16 unit. */
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
