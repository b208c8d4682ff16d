import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { compactDecrypt, importPKCS8, jwtVerify, SignJWT } from 'jose';
import { SaxesParser } from 'saxes';
import { request } from 'undici';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { OvadexError } from '../../src/domain/model/errors.js';

type Provoke = (secret: string) => unknown;

/** A port in this process that answers each connection with these bytes; it ends with the test. */
async function startPort(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Gives back whatever it is sent. */
const echo = (socket: Socket) => socket.once('data', (data) => socket.end(data));
const ask = async (secret: string, answer: (socket: Socket) => void) => {
  const port = await startPort(answer);
  const headers = { Authorization: `Basic ${secret}`, 'X-Api-Key': secret };
  const { body } = await request(`http://127.0.0.1:${port}/${secret}`, { headers, headersTimeout: 2_000 });
  await body.text();
};

const key = new TextEncoder().encode('k'.repeat(32));
const database = () => {
  const opened = new Database(':memory:');
  opened.exec('CREATE VIRTUAL TABLE names USING fts5(name); CREATE TABLE t (a INTEGER CHECK (a > 0)) STRICT');
  return opened;
};

/** Each brings a library or Node to an error that holds the secret, or could. */
export const REAL_ERRORS: Readonly<Record<string, Provoke>> = {
  'undici: an answer that is no HTTP': (secret) => ask(secret, echo),
  'undici: a chunk that is none': (secret) =>
    ask(secret, (socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${secret}\r\n`)),
    ),
  'undici: a length that is none': (secret) =>
    ask(secret, (socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX ${secret}`)),
    ),
  'undici: a connection that is closed': (secret) => ask(secret, (socket) => socket.once('data', () => socket.end())),
  'undici: a header that none can be made of': (secret) =>
    request('http://127.0.0.1:9/', { headers: { Authorization: `Basic ${secret}\n` } }),
  'undici: a URL that is none': (secret) => request(`http://jm:${secret}@127.0.0.1:nowhere/`),
  'fetch: a URL with an account': (secret) => fetch(`http://jm:${secret}@127.0.0.1:9/`),
  'fetch: an answer that is no HTTP': async (secret) => {
    const port = await startPort(echo);
    return fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${secret}` } });
  },
  'node:net: a refused connection': async () => once(netConnect(9, '127.0.0.1'), 'connect'),
  'node:dns: an unknown host': (secret) =>
    lookup(`${secret}.invalid`).catch((error: Error) => {
      // The name of a host is no secret; what is hung on the error is what is looked at.
      throw Object.assign(error, { message: 'getaddrinfo ENOTFOUND', hostname: secret });
    }),
  'node:tls: a port that speaks something else': async (secret) => {
    const port = await startPort((socket) => socket.end(`SSH-2.0-${secret}\r\n`));
    return once(tlsConnect({ port, host: '127.0.0.1', passphrase: secret }), 'secureConnect');
  },
  'node:tls: a key that is none': (secret) => tlsConnect({ port: 9, key: secret, cert: secret }),
  'node:zlib: gzip that is none': (secret) => gunzipSync(secret),
  'node:fs: a name that none can be': (secret) => readFileSync(`${secret}\0`),
  'node:url: a URL that is none': (secret) => new URL(`http://jm:${secret}@:nowhere`),
  'JSON that is none': (secret) => JSON.parse(`{"password": "${secret}", ${secret}`),
  'better-sqlite3: words of a search': (secret) =>
    database().prepare('SELECT * FROM names WHERE names MATCH ?').all(`"${secret} ${secret}`),
  'better-sqlite3: words of a search with a column': (secret) =>
    database().prepare('SELECT * FROM names WHERE names MATCH ?').all(`${secret} : a`),
  'better-sqlite3: a statement that is none': (secret) => database().prepare(`SELECT '${secret}' FROM '${secret}`),
  'better-sqlite3: a column that is none': (secret) => database().prepare(`SELECT ${secret} FROM t`),
  'better-sqlite3: a value of another type': (secret) => database().prepare('INSERT INTO t VALUES (?)').run(secret),
  'saxes: a prefix that is bound to nothing': (secret) => {
    new SaxesParser({ xmlns: true }).write(`<${secret}:x xmlns:a="${secret}"></${secret}>`).close();
  },
  'saxes: an entity that is none': (secret) => void new SaxesParser().write(`<a>&${secret};${secret}</b>`).close(),
  'zod: values that may not be': (secret) =>
    z
      .object({ password: z.number(), kind: z.enum(['a']), url: z.url() })
      .parse({ password: secret, kind: secret, url: secret }),
  'jose: a claim that may not be': async (secret) => {
    const token = await new SignJWT({ secret, iss: secret }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    return jwtVerify(token, key, { issuer: 'somebody else' });
  },
  'jose: a token that has expired': async (secret) => {
    const token = await new SignJWT({ secret, exp: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    return jwtVerify(token, key);
  },
  'jose: a token that is none': (secret) => jwtVerify(`${secret}.${secret}.${secret}`, key),
  'jose: something encrypted that is none': (secret) => compactDecrypt(`${secret}....`, key),
  'jose: a key that is none': (secret) => importPKCS8(`-----BEGIN PRIVATE KEY-----\n${secret}`, 'RS256'),
  'own: a mistake, around an answer': (secret) => {
    throw new OvadexError('internal', 'it broke', {
      cause: Object.assign(new Error('outer', { cause: { data: secret } }), { data: secret, request: { url: secret } }),
    });
  },
  'own: many at once': (secret) => {
    const each = (n: number) =>
      Object.assign(new Error(`no ${n}`), { socket: { authorization: secret }, code: secret });
    throw Object.assign(new AggregateError([each(1), each(2)], 'all failed'), { data: secret });
  },
  'own: what repeats a request': (secret) => {
    throw new Error(
      `GET https://jm:${secret}@host/?token=${secret} Authorization: Basic ${secret}\nCookie: a=${secret}; b=${secret}\nX-Api-Key: ${secret}\n{"password":"${secret}"} bearer ${secret}`,
    );
  },
  'a name and a stack of somebody else': (secret) => {
    throw Object.assign(new Error('no'), { name: `${secret} ${secret}`, stack: `Error: ${secret}\n    at ${secret}` });
  },
  'no error at all': (secret) => {
    throw { password: secret, token: { secret } };
  },
};

/** What it throws, now or later. */
export async function errorOf(provoke: Provoke, secret: string): Promise<unknown> {
  try {
    await provoke(secret);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
