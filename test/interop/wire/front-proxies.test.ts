import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createAuthority } from '../../support/certificates.js';
import { createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { noteAuthorization } from '../../support/secrets.js';
import { FRONT_PROXIES } from '../../support/servers/front-proxies.js';
import { serverAccount } from '../../support/servers/server-account.js';

const JM = { username: 'jm', password: 'jm\u2019s own secret' };
const WITHIN_MS = 20_000;
/** Both differ from the port's address in what the proxy is told to do, so two of the four show all lines. */
const WAYS = [
  { way: 'at a port', isSocket: false, hasPrefix: false },
  { way: 'at a socket, below a path', isSocket: true, hasPrefix: true },
  { way: 'at a port, below a path', isSocket: false, hasPrefix: true },
] as const;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

for (const proxy of FRONT_PROXIES) {
  for (const { way, isSocket, hasPrefix } of WAYS) {
    const notRoot = isSocket && serverAccount === null ? 'root, to give a socket to the proxy' : null;
    describeInstalled(`the API behind ${proxy.name}, ${way}`, [proxy.missing, notRoot], () => {
      const cleanup = createCleanup();
      const publicUrl = `https://vss-api.example.org${hasPrefix ? '/ovadex' : ''}`;
      let dav: DavServer;
      let ovadex: Ovadex;
      let port: number;
      let bearer: string;

      beforeAll(async () => {
        dav = await startDavServer({ auth: [JM] });
        cleanup.add(() => dav.close());
        for (let at = 0; at < 7; at += 1) dav.tree.put(`jm/${at} \u00e9%2F.ova`, { size: at });
        ovadex = await installOvadex();
        cleanup.add(() => ovadex.remove());
        const folder = mkdtempSync(join(tmpdir(), 'ovadex-socket-'));
        chmodSync(folder, 0o755); // the proxy's account goes through it
        cleanup.add(() => rmSync(folder, { recursive: true }));
        const socket = join(folder, 'api.sock');
        const atSocket = {
          listen: `unix:${socket}`,
          metricsListen: `127.0.0.1:${ovadex.port}`,
          socketGroup: serverAccount?.name,
        };
        ovadex.configure({
          server: { publicUrl, trustedProxies: [isSocket ? 'unix' : '127.0.0.1'], ...(isSocket ? atSocket : {}) },
          storage: { auth: { type: 'basic', ...JM } },
          spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
        });
        expect((await ovadex.sync('jm', '--full')).code).toBe(0);
        bearer = `Bearer ${(await ovadex.createToken('jm')).token}`;
        const daemon = await ovadex.serve();
        cleanup.add(() => daemon.stop());
        const identity = await (await createAuthority('test authority')).issue('portal');
        const front = await proxy.start({ target: isSocket ? socket : ovadex.port, hasPrefix, identity });
        cleanup.add(() => front.stop());
        ({ port } = front);
        // The daemon's other address, by which it is waited for at a socket, comes first; HAProxy asks it twice.
        await vi.waitUntil(async () => (await ask('/v2/ping')).status === 200, { timeout: WITHIN_MS, interval: 100 });
      });
      afterAll(() => cleanup.run());

      /** By a client at this address; `path` as it is written below the API's root. */
      const ask = (
        path: string,
        { method = 'GET', from = '127.0.0.1', authorization = bearer, headers = {}, body = '' } = {},
      ) =>
        new Promise<Answer>((resolve, reject) => {
          noteAuthorization(authorization);
          const outgoing = request(
            {
              host: '127.0.0.1',
              port,
              method,
              path: `${hasPrefix ? '/ovadex' : ''}${path}`,
              localAddress: from,
              rejectUnauthorized: false,
              agent: false,
              timeout: WITHIN_MS,
              headers: { Host: 'vss-api.example.org', Authorization: authorization, ...headers },
            },
            (incoming) => {
              let text = '';
              incoming.setEncoding('utf8').on('data', (some: string) => {
                text += some;
              });
              incoming.once('end', () =>
                resolve({ status: incoming.statusCode, headers: incoming.headers, body: text }),
              );
              incoming.once('error', reject);
            },
          );
          outgoing.once('error', reject).once('timeout', () => outgoing.destroy(new Error('no answer in time')));
          outgoing.end(body);
        });
      const json = async (...args: Parameters<typeof ask>) => JSON.parse((await ask(...args)).body) as Body;
      const below = (link: string) => link.slice(publicUrl.length);

      it('gives the list, whose links lead through the proxy to each page', async () => {
        const { status, headers } = await ask('/v2/image');
        expect(status).toBe(200);
        expect((await ask('/v2/image', { headers: { 'If-None-Match': headers.etag ?? '' } })).status).toBe(304);
        const names: string[] = [];
        let next: string | null = `${publicUrl}/v2/image?per_page=3`;
        while (next !== null) {
          expect(next.startsWith(`${publicUrl}/v2/image?`)).toBe(true);
          const page: Body = await json(below(next));
          names.push(...page.data.map(({ name }) => name));
          next = page.meta.pages.next_url;
        }
        expect(names).toHaveLength(7);
        expect(new Set(names).size).toBe(7);
      });

      it('logs in by the password that the storage takes', async () => {
        const authorization = `Basic ${Buffer.from(`${JM.username}:${JM.password}`).toString('base64')}`;
        const answer = await ask('/auth/request-token', { method: 'POST', authorization });
        expect(answer.status).toBe(200);
        const { token } = JSON.parse(answer.body) as { token: string };
        expect((await ask('/v2/user', { authorization: `Bearer ${token}` })).status).toBe(200);
      });

      it('asks for a sync and follows it by its link', async () => {
        const answer = await ask('/v2/user/image/vm', {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json' },
        });
        expect(answer.status).toBe(202);
        const { request: link } = (JSON.parse(answer.body) as Body).data._links;
        expect(link.startsWith(`${publicUrl}/v2/request/image_sync/`)).toBe(true);
        expect((await ask(below(link))).status).toBe(200);
      });

      it('takes what the API takes: long filters, encoded characters, other methods', async () => {
        const values = Array.from({ length: 480 }, (_, at) => `${at}${'x'.repeat(24)}`).join(',');
        const long = `/v2/image?filter=path,in,${values}`;
        expect(long.length).toBeGreaterThan(12_000);
        expect((await ask(long)).status).toBe(200);
        const named = `/v2/image?filter=name,eq,${encodeURIComponent('3 \u00e9%2F.ova')}`;
        expect((await json(named)).data.map(({ name }) => name)).toEqual(['3 \u00e9%2F.ova']);
        expect((await ask('/v2/image', { method: 'HEAD' })).headers['content-type']).toContain('json');
        expect((await ask('/v2/image', { method: 'OPTIONS' })).status).toBe(200);
        const problem = await ask('/v2/image?sort=nam');
        expect([problem.status, problem.headers['content-type']]).toEqual([400, 'application/problem+json']);
        const compressed = await ask('/v2/image', { headers: { 'Accept-Encoding': 'gzip' } });
        expect(compressed.status).toBe(200);
      });

      it('has clients told apart by their own address, whatever they claim', async () => {
        // Tries are counted for a user and an address together.
        const guess = (at: number, from: string) =>
          ask('/auth/request-token', {
            method: 'POST',
            from,
            authorization: `Basic ${Buffer.from('nobody:wrong').toString('base64')}`,
            headers: { 'X-Forwarded-For': `203.0.113.${at}` },
          });
        const statuses: (number | undefined)[] = [];
        for (let at = 0; at < 7; at += 1) statuses.push((await guess(at, '127.0.0.2')).status);
        expect(statuses.at(-1)).toBe(429);
        expect((await guess(8, '127.0.0.3')).status).toBe(401);
      });
    });
  }
}

interface Body {
  readonly data: { readonly name: string }[] & { readonly _links: { readonly request: string } };
  readonly meta: { readonly pages: { readonly next_url: string | null } };
}
