import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** How an issuer's server may go wrong. */
export type IssuerFault = 'down' | 'silent' | 'html' | 'huge' | 'redirect' | 'empty';

/** An issuer of tokens with a server for its keys, on a free port of the loopback. */
export interface Issuer {
  /** Its name and its address. */
  readonly url: string;
  readonly jwksUrl: string;
  /** Paths, the oldest first. */
  readonly requests: readonly string[];
  /** Makes another key; it shows that one and the last `keep` before it. */
  rotate(keep?: number): Promise<void>;
  /** Goes wrong until it is told otherwise. */
  fail(fault: IssuerFault | null): void;
  /** Added to the keys that it shows. */
  show(...jwks: readonly JWK[]): void;
  /** Signed with the newest key. */
  sign(
    claims: JWTPayload,
    head?: { readonly kid?: string; readonly alg?: string; readonly typ?: string },
  ): Promise<string>;
  /** The newest key, as everybody may have it. */
  readonly publicKey: CryptoKey;
  close(): Promise<void>;
}

interface Pair {
  readonly kid: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  const requests: string[] = [];
  const extra: JWK[] = [];
  let pairs: Pair[] = [];
  let made = 0;
  let fault: IssuerFault | null = null;

  const rotate = async (keep = 0) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    pairs = [...(keep > 0 ? pairs.slice(-keep) : []), { ...pair, kid: `key-${++made}` }];
  };
  const newest = () => {
    const pair = pairs.at(-1);
    if (pair === undefined) throw new Error('the issuer has no key yet');
    return pair;
  };
  const jwks = async () => ({
    keys: [
      ...(await Promise.all(
        pairs.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })),
      )),
      ...extra,
    ],
  });
  await rotate();

  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (fault !== null) return answerFault(response, fault);
    const send = (body: object) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/keys') return void jwks().then(send);
    if (request.url === '/.well-known/openid-configuration') return send({ issuer: url, jwks_uri: `${url}/keys` });
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    jwksUrl: `${url}/keys`,
    requests,
    rotate,
    fail(next) {
      fault = next;
    },
    show: (...keys) => void extra.push(...keys),
    sign: (claims, head = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid: newest().kid, ...head }).sign(newest().privateKey),
    get publicKey() {
      return newest().publicKey;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerFault(response: ServerResponse, fault: IssuerFault): void {
  switch (fault) {
    case 'down':
      response.writeHead(503).end();
      break;
    case 'silent':
      break;
    case 'html':
      response.setHeader('Content-Type', 'text/html').end('<!DOCTYPE html><title>Log in</title>');
      break;
    case 'huge':
      response.setHeader('Content-Type', 'application/json').end(`{"keys":[${'{},'.repeat(200_000)}{}]}`);
      break;
    case 'redirect':
      response.writeHead(302, { Location: '/keys?again' }).end();
      break;
    case 'empty':
      response.setHeader('Content-Type', 'application/json').end('{}');
      break;
  }
}
