import { createHash, randomUUID } from 'node:crypto';

export interface DavAccount {
  readonly username: string;
  readonly password: string;
}

/** How long a nonce of Digest is good; for ever where nothing is given. */
export interface NonceLife {
  readonly requests?: number;
  readonly ms?: number;
}

export interface DavGuard {
  /** null lets the request in; otherwise the WWW-Authenticate of the 401. */
  challenge(method: string, authorization: string | undefined): string | null;
  setAccounts(accounts: readonly DavAccount[]): void;
  /** Digest: no nonce is good any more; whoever uses one meets a 401 with `stale=true` (Apache's AuthDigestNonceLifetime). */
  expireNonce(): void;
}

const REALM = 'fake';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** Basic (RFC 7617) or Digest with MD5 and qop=auth (RFC 7616). Without an account everybody comes in. */
export function createDavGuard(
  scheme: 'basic' | 'digest',
  first: readonly DavAccount[],
  nonceLife: NonceLife = {},
  now: () => number = Date.now,
): DavGuard {
  const { requests: lastsRequests = Number.POSITIVE_INFINITY, ms: lastsMs = Number.POSITIVE_INFINITY } = nonceLife;
  let accounts = first;
  /** Each challenge has one of its own, as Apache's and nginx's have. */
  const nonces = new Map<string, { readonly issuedAt: number; uses: number }>();

  const issueNonce = () => {
    const nonce = randomUUID();
    nonces.set(nonce, { issuedAt: now(), uses: 0 });
    return nonce;
  };
  const lives = (nonce: string) => {
    const { issuedAt, uses } = nonces.get(nonce) ?? { issuedAt: Number.NEGATIVE_INFINITY, uses: 0 };
    return nonces.has(nonce) && uses < lastsRequests && now() - issuedAt < lastsMs;
  };
  const isBasic = (authorization: string) =>
    accounts.some(
      ({ username, password }) =>
        authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    );
  const digestFields = (authorization: string) =>
    new Map(
      [...authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map((match) => [match[1], match[2] ?? match[3]]),
    );
  const isDigest = (method: string, fields: ReturnType<typeof digestFields>) =>
    accounts.some(({ username, password }) => {
      const ha1 = md5(`${username}:${REALM}:${password}`);
      const ha2 = md5(`${method}:${fields.get('uri')}`);
      const expected = md5(`${ha1}:${fields.get('nonce')}:${fields.get('nc')}:${fields.get('cnonce')}:auth:${ha2}`);
      return fields.get('username') === username && fields.get('response') === expected;
    });

  return {
    challenge(method, authorization) {
      if (accounts.length === 0) return null;
      if (scheme === 'basic') {
        return authorization !== undefined && isBasic(authorization) ? null : `Basic realm="${REALM}"`;
      }
      const fields = authorization?.startsWith('Digest ') ? digestFields(authorization) : null;
      const used = fields?.get('nonce') ?? '';
      const isStale = fields !== null && !lives(used);
      if (fields !== null && !isStale && isDigest(method, fields)) {
        const record = nonces.get(used);
        if (record !== undefined) record.uses++;
        return null;
      }
      const staleness = isStale ? ', stale=true' : '';
      return `Digest realm="${REALM}", qop="auth", nonce="${issueNonce()}", algorithm=MD5${staleness}`;
    },
    setAccounts(next) {
      accounts = next;
    },
    expireNonce: () => nonces.clear(),
  };
}
