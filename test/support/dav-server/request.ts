import type { IncomingMessage } from 'node:http';
import { pathFromBytes, type ResourcePath } from '../../../src/domain/model/path.js';
import { noteAuthorization } from '../secrets.js';

/** One request as the server saw it. */
export interface DavRequest {
  readonly method: string;
  /** The path as it stood in the request line. */
  readonly target: string;
  /** Below the tree's root; null where the target lies elsewhere. */
  readonly path: ResourcePath | null;
  readonly depth: string | null;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Target {
  /** Below the tree's root, as bytes of one character each; null where it lies elsewhere. */
  readonly bytes: string | null;
  /** `?page=2` of a listing that is told in pages; 1 without. */
  readonly page: number;
}

export async function readRequest(message: IncomingMessage, basePath: string): Promise<DavRequest> {
  let body = '';
  message.setEncoding('utf8');
  for await (const chunk of message) body += chunk;
  noteAuthorization(message.headers.authorization);
  const target = message.url ?? '/';
  const { bytes } = takeApart(target, basePath);
  return {
    method: message.method ?? 'GET',
    target,
    path: bytes === null ? null : pathFromBytes(Buffer.from(bytes, 'latin1')),
    depth: [message.headers['depth']].flat()[0] ?? null,
    headers: message.headers,
    body,
  };
}

/** `basePath` as bytes of one character each. */
export function takeApart(target: string, basePath: string): Target {
  const [path = '', query = ''] = target.split('?', 2);
  const page = Number(/^page=(\d+)$/.exec(query)?.[1] ?? 1);
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (!bytes.startsWith(basePath)) return { bytes: null, page };
  const rest = bytes.slice(basePath.length);
  return { bytes: rest.endsWith('/') ? rest.slice(0, -1) : rest, page };
}

/** Whether a PROPFIND asks for oc:fileid or oc:permissions: nobody is told of them unasked. */
export function wantsOwncloudProperties(body: string): boolean {
  if (!body.includes('http://owncloud.org/ns')) return false;
  const prefix = /xmlns:([\w-]+)\s*=\s*["']http:\/\/owncloud\.org\/ns["']/.exec(body)?.[1];
  const name = prefix === undefined ? '' : `${prefix}:`;
  return new RegExp(`<${name}(?:fileid|permissions)\\b`).test(body);
}
