import type { IncomingMessage } from 'node:http';

/** A request as the model's rooms read it. */
export interface CloudRequest {
  readonly method: string;
  /** Still encoded, without the query; begins with a slash and lacks the place that Nextcloud is installed at. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whom brute-force protection counts: the connection's address, or what a trusted proxy says. */
  readonly address: string;
  header(name: string): string;
}

export async function readRequest(
  message: IncomingMessage,
  webroot: string,
  trustedProxies: readonly string[],
): Promise<CloudRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const [target = '/', query = ''] = (message.url ?? '/').split('?', 2);
  const header = (name: string) => {
    const value = message.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  };
  const peer = (message.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const forwarded = header('x-forwarded-for').split(',')[0]?.trim() ?? '';
  return {
    method: message.method ?? 'GET',
    path: target.startsWith(webroot) ? target.slice(webroot.length) : target,
    query: new URLSearchParams(query),
    cookies: readCookies(header('cookie')),
    body: Buffer.concat(chunks).toString(),
    address: forwarded !== '' && trustedProxies.includes(peer) ? forwarded : peer,
    header,
  };
}

/** Basic's user and password; null without them. */
export function basicOf(request: CloudRequest): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^Basic (.+)$/i.exec(request.header('authorization')) ?? [];
  if (encoded === undefined) return null;
  const plain = Buffer.from(encoded, 'base64').toString();
  const colon = plain.indexOf(':');
  return colon < 0 ? null : { user: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

function readCookies(text: string): ReadonlyMap<string, string> {
  const pairs = text
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes('='));
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
