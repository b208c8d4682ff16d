import { createHash, randomUUID } from 'node:crypto';
import type { ScriptedAnswer, ScriptedRequest } from './servers/scripted-server.js';

export interface DigestRealmOptions {
  readonly algorithm?: 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess';
  /** A nonce serves so many requests; for ever where not given. */
  readonly usesPerNonce?: number;
  /** Whether a 401 to an expired nonce says so, as it should. */
  readonly saysStale?: boolean;
  /** Every good answer brings the nonce for the next request. */
  readonly tellsNextNonce?: boolean;
  /** RFC 2069. */
  readonly withoutQop?: boolean;
  readonly hashesUsername?: boolean;
  /** Headers beside the Digest challenge. */
  readonly otherChallenges?: readonly string[];
}

/** A protection space with one account (RFC 7616), which counts what it sees. */
export interface DigestRealm {
  /** For `startScriptedServer`: the 401, or what `inner` answers to the request. */
  answer(request: ScriptedRequest, inner?: ScriptedAnswer | null): ScriptedAnswer | null;
  /** Requests by what became of them. */
  readonly seen: { good: number; without: number; stale: number; wrong: number; replayed: number };
  setPassword(password: string): void;
  /** What somebody else's folder answers to an account that is known, as Apache does. */
  refuse(): ScriptedAnswer;
}

const REALM = 'spaces, "all"';

export function createDigestRealm(username: string, first: string, options: DigestRealmOptions = {}): DigestRealm {
  const { algorithm = 'MD5', usesPerNonce = Number.POSITIVE_INFINITY, saysStale = true } = options;
  const hash = (text: string) =>
    createHash(algorithm.startsWith('MD5') ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  /** The counts that each nonce was used with. */
  const used = new Map<string, Set<string>>();
  const seen = { good: 0, without: 0, stale: 0, wrong: 0, replayed: 0 };
  let password = first;

  const newNonce = () => {
    const nonce = randomUUID();
    used.set(nonce, new Set());
    return nonce;
  };
  const challenge = (isStale: boolean): ScriptedAnswer => {
    const parameters = [`Digest realm="${REALM.replaceAll('"', '\\"')}"`, `nonce="${newNonce()}"`, 'opaque="o=="'];
    if (algorithm !== 'MD5') parameters.push(`algorithm=${algorithm}`);
    if (options.withoutQop !== true) parameters.push('qop="auth,auth-int"');
    if (options.hashesUsername === true) parameters.push('userhash=true');
    if (isStale && saysStale) parameters.push('stale=true');
    const headers = [...(options.otherChallenges ?? []), parameters.join(', ')];
    return { status: 401, headers: { 'WWW-Authenticate': headers } };
  };

  const isRight = (request: ScriptedRequest, fields: ReadonlyMap<string, string>) => {
    const [nonce, cnonce, nc] = ['nonce', 'cnonce', 'nc'].map((name) => fields.get(name) ?? '');
    const account = hash(`${username}:${REALM}:${password}`);
    const key = algorithm.endsWith('-sess') ? hash(`${account}:${nonce}:${cnonce}`) : account;
    const tail = hash(`${request.method}:${request.target}`);
    const expected =
      options.withoutQop === true ? `${key}:${nonce}:${tail}` : `${key}:${nonce}:${nc}:${cnonce}:auth:${tail}`;
    const name = options.hashesUsername === true ? hash(`${username}:${REALM}`) : username;
    return (
      fields.get('username') === name &&
      fields.get('uri') === request.target &&
      fields.get('opaque') === 'o==' &&
      fields.get('response') === hash(expected)
    );
  };

  return {
    seen,
    refuse: () => challenge(false),
    setPassword(next) {
      password = next;
    },
    answer(request, inner = null) {
      const { authorization } = request.headers;
      if (authorization === undefined) {
        seen.without++;
        return challenge(false);
      }
      const fields = fieldsOf(authorization);
      const counts = used.get(fields.get('nonce') ?? '');
      if (counts === undefined || !isRight(request, fields)) {
        seen.wrong++;
        return challenge(false);
      }
      const count = options.withoutQop === true ? randomUUID() : (fields.get('nc') ?? '');
      if (counts.has(count)) {
        seen.replayed++;
        return challenge(false);
      }
      if (counts.size >= usesPerNonce) {
        seen.stale++;
        return challenge(true);
      }
      counts.add(count);
      seen.good++;
      if (options.tellsNextNonce !== true || inner !== null) return inner;
      return { status: 207, headers: { 'Authentication-Info': `qop=auth, nextnonce="${newNonce()}"` } };
    },
  };
}

function fieldsOf(authorization: string): ReadonlyMap<string, string> {
  const text = Buffer.from(authorization, 'latin1').toString('utf8');
  return new Map(
    [...text.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name = '', quoted, token]) => [
      name,
      quoted?.replace(/\\(.)/g, '$1') ?? token ?? '',
    ]),
  );
}
