import { setTimeout as delay } from 'node:timers/promises';
import { createTokenAuthority, type IssuedToken } from '../../../src/auth/tokens.js';
import type { TokenStore } from '../../../src/domain/ports/token-store.js';
import { createReader, type Reader } from '../../interop/postgres/hammer/reader.js';
import { demand } from '../check/violation.js';
import type { ApiHost } from './api-host.js';

/** Whoever follows a space's list, asking one host after the other. */
export interface Client {
  readonly reader: Reader;
  /** How often it was refused the list since a host that answers had trouble. */
  readonly refused: readonly number[];
  ask(): Promise<void>;
  /** Throws `Violation` if the token is good anywhere after it was revoked; then there is a new one. */
  revokeToken(): Promise<void>;
}

/** A revoked token is good nowhere after that; and the rest is for a busy machine. */
const REVOKED_WITHIN_MS = 250 + 500;

export async function createClient(options: {
  readonly user: string;
  readonly tokens: TokenStore;
  readonly clock: () => number;
  /** Those that live. */
  readonly hosts: () => readonly ApiHost[];
  readonly places: number;
}): Promise<Client> {
  const { user, tokens, clock, hosts, places } = options;
  const authority = createTokenAuthority({ tokens, clock });
  const issue = () => authority.issue({ user, scopes: [], expiresAt: null });
  let issued: IssuedToken = await issue();
  const refused: number[] = [];
  let asking: Promise<void> | null = null;
  const askHost = async (place: number, path: string, headers: Readonly<Record<string, string>> = {}) => {
    const host = hosts()[place];
    if (host === undefined) throw new Error(`there is no host ${place}`);
    return await host.ask(issued.token, path, headers);
  };
  const names = Array.from({ length: places }, (_, place) => `${place}`);
  const reader = createReader(user, '', names, {
    async get(host, path, { authorization: _none, ...headers }) {
      const response = await askHost(Number(host), `/${path}`, headers);
      const body = await response.text();
      const { status } = response;
      if (status >= 500) refused.push(status);
      demand(status < 400 || status === 410 || status === 503, 'a host answers', () => `${path}: ${status} ${body}`);
      const etag = response.headers.get('etag') ?? '';
      return { status, etag, retryAfter: response.headers.get('retry-after'), body };
    },
  });
  return {
    reader,
    refused,
    async ask() {
      asking ??= reader.ask().finally(() => {
        asking = null;
      });
      await asking;
    },
    async revokeToken() {
      await asking;
      await tokens.revoke(issued.record.id, clock());
      const revokedAt = performance.now();
      for (const place of names.keys()) {
        for (let status = 0; status !== 401; await delay(1)) {
          const askedAt = performance.now();
          status = await askHost(place, '/v2/image').then((response) => response.status);
          demand(
            status === 401 || askedAt - revokedAt < REVOKED_WITHIN_MS,
            'a token that was revoked is good nowhere',
            () => {
              return `${Math.round(askedAt - revokedAt)} ms after it was revoked a host answers ${status}`;
            },
          );
        }
      }
      issued = await issue();
    },
  };
}
