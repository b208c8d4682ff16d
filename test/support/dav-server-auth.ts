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
  /** Digest: the next request meets a 401 with `stale=true` (Apache's AuthDigestNonceLifetime). */
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
  let nonce: string = randomUUID();
  let issuedAt = now();
  let uses = 0;

  const renewNonce = () => {
    nonce = randomUUID();
    issuedAt = now();
    uses = 0;
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
      const expected = md5(`${ha1}:${nonce}:${fields.get('nc')}:${fields.get('cnonce')}:auth:${ha2}`);
      return fields.get('username') === username && fields.get('response') === expected;
    });

  return {
    challenge(method, authorization) {
      if (accounts.length === 0) return null;
      if (scheme === 'basic') {
        return authorization !== undefined && isBasic(authorization) ? null : `Basic realm="${REALM}"`;
      }
      if (uses >= lastsRequests || now() - issuedAt >= lastsMs) renewNonce();
      const fields = authorization?.startsWith('Digest ') ? digestFields(authorization) : null;
      if (fields !== null && isDigest(method, fields)) {
        uses++;
        return null;
      }
      const isStale = fields !== null && fields.get('nonce') !== nonce;
      return `Digest realm="${REALM}", qop="auth", nonce="${nonce}", algorithm=MD5${isStale ? ', stale=true' : ''}`;
    },
    setAccounts(next) {
      accounts = next;
    },
    expireNonce: renewNonce,
  };
}
