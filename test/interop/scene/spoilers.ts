import { gzipSync } from 'node:zlib';

/** A server's good answer to a PROPFIND, and what it answers to. */
export interface GoodAnswer {
  /** As it was asked for. */
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  /** How many answers this spoiler has had before. */
  readonly before: number;
}

/** What becomes of an answer: another one, bytes in the place of one, or none. */
export type Spoiled =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  | { readonly raw: string }
  | { readonly cutAt: number; readonly told: 'length' | 'chunks' | 'end' }
  | 'reset'
  | 'silence'
  | 'as it is';

export interface Spoiler {
  readonly name: string;
  readonly spoil: (answer: GoodAnswer) => Spoiled;
  /** It delays, and that is all: the sync is whole nevertheless. */
  readonly isHarmless?: true;
  /** The credentials look refused where the whole space answers so. */
  readonly suspends?: true;
  /** It looks as if all had gone: held, not failed. */
  readonly looksEmpty?: true;
}

const multistatus = (responses: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">${responses}</D:multistatus>`;
const OWN_ENTRY = /<D:response .*?<\/D:response>/s;
const ownEntryOf = (body: string) => OWN_ENTRY.exec(body)?.[0] ?? '';
const withoutOwnEntry = (body: string) => body.replace(OWN_ENTRY, '');
const onlyOwnEntry = (body: string) => body.replace(/(<D:response .*<\/D:response>)/s, ownEntryOf(body));
const davError = (exception: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>${exception}</s:exception><s:message>it said so</s:message></d:error>`;
const always = (name: string, spoiled: Spoiled): Spoiler => ({ name, spoil: () => spoiled });
const rewritten = (name: string, rewrite: (body: string, path: string) => string): Spoiler => ({
  name,
  spoil: ({ body, path }) => ({ body: rewrite(body, path) }),
});
/** After one good answer so many are refused, one after another. */
const burst = (name: string, status: number, count: number): Spoiler => ({
  name,
  isHarmless: true,
  spoil: ({ before }) => (before >= 1 && before <= count ? { status, body: 'too busy' } : 'as it is'),
});

const PORTAL = '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>';
const XML = { 'content-type': 'application/xml; charset=utf-8' };

/** Each answer here was seen of a real server, proxy or gateway, and none of them proves that anything is gone. */
export const SPOILERS: readonly Spoiler[] = [
  always('a server error', { status: 500, body: 'it broke' }),
  always('not found', { status: 404, body: 'nothing here' }),
  always('forbidden', { status: 403, body: 'not for you' }),
  always('moved elsewhere', { status: 302, headers: { location: '/login?next=dav' } }),
  always('a page of a portal', { status: 200, headers: { 'content-type': 'text/html' }, body: PORTAL }),
  always('no body', { body: '' }),
  always('no entry at all', { body: multistatus('') }),
  { name: 'cut, of known length', spoil: ({ body }) => ({ cutAt: body.length >> 1, told: 'length' }) },
  { name: 'cut, in chunks', spoil: ({ body }) => ({ cutAt: body.length >> 1, told: 'chunks' }) },
  { name: 'cut, and nothing tells', spoil: ({ body }) => ({ cutAt: body.length >> 1, told: 'end' }) },
  { name: 'gzip that is cut', spoil: ({ body }) => spoiledGzip(body) },
  always('a reset', 'reset'),
  always('silence', 'silence'),
  rewritten('no entry of its own', withoutOwnEntry),
  rewritten('another folder', (body, path) => body.replaceAll(path, '/elsewhere/')),
  rewritten('text behind the end', (body) => `${body}\nInternal Server Error`),
  rewritten('an unclosed tag', (body) => body.replace('</D:response>', '')),
  rewritten('507 for itself', (body, path) =>
    body.replace(
      '</D:multistatus>',
      `<D:response><D:href>${path}</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response></D:multistatus>`,
    ),
  ),
  {
    name: 'a first page only',
    spoil: ({ body, path }) => ({ headers: { link: `<${path}?page=2>; rel="next"` }, body: onlyOwnEntry(body) }),
  },
  rewritten('an error of a member', (body) => {
    const last = body.lastIndexOf('HTTP/1.1 200 OK');
    return `${body.slice(0, last)}HTTP/1.1 500 Internal Server Error${body.slice(last + 'HTTP/1.1 200 OK'.length)}`;
  }),
  { name: 'only itself, as before', looksEmpty: true, spoil: ({ body }) => ({ body: onlyOwnEntry(body) }) },
  {
    name: 'only itself, and older: a bare mount point',
    looksEmpty: true,
    spoil: ({ body }) => ({
      body: onlyOwnEntry(body)
        .replace(
          /<(\w+):getlastmodified[^<]*<\/\w+:getlastmodified>/g,
          '<$1:getlastmodified>Sun, 01 Mar 2020 12:00:00 GMT</$1:getlastmodified>',
        )
        .replace(/(getetag>)[^<]*</g, '$1"1000-59fcb0f3a1f00"<'),
    }),
  },
  always('an error document', { headers: XML, body: davError('Sabre\\DAV\\Exception\\ServiceUnavailable') }),
  always('a document that it is not found', { headers: XML, body: davError('Sabre\\DAV\\Exception\\NotFound') }),
  always("another protocol's banner", { raw: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n' }),
  always('a head with bare line feeds', {
    raw: 'HTTP/1.1 207 Multi-Status\nContent-Type: text/xml\n\n<D:multistatus/>',
  }),
  always('a folded header', { raw: 'HTTP/1.1 207 Multi-Status\r\nX-A: b\r\n  folded\r\nContent-Length: 0\r\n\r\n' }),
  always('a chunk that is none', {
    raw: 'HTTP/1.1 207 Multi-Status\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<D:multi\r\n',
  }),
  always('two lengths', {
    raw: 'HTTP/1.1 207 Multi-Status\r\nContent-Type: text/xml\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  }),
  {
    name: 'an echo of the request',
    spoil: ({ authorization, path }) => ({
      status: 400,
      body: `cannot read:\nPROPFIND ${path} HTTP/1.1\nAuthorization: ${authorization}\n`,
    }),
  },
  {
    name: 'an echo that is no HTTP',
    spoil: ({ authorization, path }) => ({
      raw: `PROPFIND ${path} HTTP/1.1\r\nAuthorization: ${authorization}\r\n\r\n`,
    }),
  },
  {
    name: 'unauthorized',
    suspends: true,
    spoil: () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="another"' } }),
  },
  always('503 all the time', { status: 503, body: 'come back later' }),
  burst('a burst of 503', 503, 3),
  burst('a burst of 429', 429, 6),
  {
    name: 'an unasked 100',
    isHarmless: true,
    spoil: ({ body }) => ({
      raw: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 207 Multi-Status\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    }),
  },
];

function spoiledGzip(body: string): Spoiled {
  const zipped = gzipSync(body);
  return { headers: { 'content-encoding': 'gzip' }, body: zipped.subarray(0, zipped.length >> 1) };
}
