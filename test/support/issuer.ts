import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
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
  /** Who signs in there by a browser, and how that goes wrong; read at each step. */
  readonly person: Person;
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

/** Somebody at the issuer's own pages, who agrees at once. */
export interface Person {
  /** Claims of the ID token besides those that the flow gives. */
  claims: JWTPayload;
  /** Told in place of a code. */
  error: string | null;
  /** Changes the answer to the browser or the one with the ID token. */
  spoil: ((place: 'redirect' | 'token', answer: Record<string, unknown>) => void) | null;
  /** The secret of the client; null: it is a public one. */
  secret: string | null;
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
  const person: Person = { claims: { sub: 'jm' }, error: null, spoil: null, secret: null };
  const codes = new Map<string, URLSearchParams>();
  const sign: Issuer['sign'] = (claims, head = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: newest().kid, ...head }).sign(newest().privateKey);

  /** RFC 6749 4.1.2: the browser goes back with a code. */
  const authorize = (response: ServerResponse, asked: URLSearchParams) => {
    const code = `code-${codes.size + 1}`;
    codes.set(code, asked);
    const told: Record<string, unknown> = { state: asked.get('state'), iss: url };
    Object.assign(told, person.error === null ? { code } : { error: person.error });
    person.spoil?.('redirect', told);
    const back = new URL(asked.get('redirect_uri') ?? '');
    for (const [name, value] of Object.entries(told)) back.searchParams.set(name, `${value}`);
    response.writeHead(302, { Location: back.href }).end();
  };
  /** RFC 6749 4.1.3 and RFC 7636 4.6: a code is good once, for the client that began. */
  const exchange = async (response: ServerResponse, form: URLSearchParams, authorization: string | undefined) => {
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const shown = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const isClient =
      person.secret === null
        ? form.get('client_id') === asked?.get('client_id')
        : decodeURIComponent(shown) === `${asked?.get('client_id')}:${person.secret}`;
    const isSame = form.get('redirect_uri') === asked?.get('redirect_uri');
    response.setHeader('Content-Type', 'application/json');
    if (asked === undefined || proof !== asked.get('code_challenge') || !isClient || !isSame) {
      return void response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }));
    }
    const now = Math.floor(Date.now() / 1000);
    const claims: Record<string, unknown> = {
      iss: url,
      aud: asked.get('client_id'),
      nonce: asked.get('nonce'),
      iat: now,
      exp: now + 300,
      ...person.claims,
    };
    person.spoil?.('token', claims);
    const body = { access_token: 'of-no-use', token_type: 'Bearer', id_token: await sign(claims) };
    response.end(JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (fault !== null) return answerFault(response, fault);
    const send = (body: object) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/keys') return void jwks().then(send);
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    if (pathname === '/authorize') return authorize(response, searchParams);
    if (pathname === '/token') {
      return void text(request).then((form) =>
        exchange(response, new URLSearchParams(form), request.headers.authorization),
      );
    }
    if (request.url === '/.well-known/openid-configuration') {
      return send({
        issuer: url,
        jwks_uri: `${url}/keys`,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        id_token_signing_alg_values_supported: [alg],
        authorization_response_iss_parameter_supported: true,
      });
    }
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
    person,
    sign,
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
