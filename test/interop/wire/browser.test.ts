import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { browserMissing, openBrowser, type Page } from '../../support/process/browser.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type Served, startServed } from '../scene/served.js';

/** What a script of a page sees of an answer, or that it gets none. */
interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A page of somebody else's, at another address than the API. */
async function servePortal() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>portal</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}

describeInstalled('a page of another origin in a browser', [browserMissing], () => {
  const cleanup = createCleanup();
  let page: Page;
  let portal: Awaited<ReturnType<typeof servePortal>>;
  let open: Served;
  let closed: Served;

  beforeAll(async () => {
    page = await openBrowser();
    cleanup.add(() => page.close());
    portal = await servePortal();
    cleanup.add(portal.close);
    const paths = ['a.ova', 'b.ova', 'c.ova'];
    open = await startServed(paths, { api: { corsOrigins: [portal.origin] } });
    cleanup.add(() => open.end());
    closed = await startServed(paths);
    cleanup.add(() => closed.end());
  });
  afterAll(() => cleanup.run());

  /** By a script of the portal's page. */
  const ask = async (url: string, init: object = {}): Promise<Seen | 'nothing'> => {
    await page.open(portal.origin);
    const seen = await page.evaluate(`(async () => {
      try {
        const response = await fetch(${JSON.stringify(url)}, ${JSON.stringify({ cache: 'no-store', ...init })});
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
      } catch {
        return 'nothing';
      }
    })()`);
    return seen as Seen | 'nothing';
  };
  const seen = async (...args: Parameters<typeof ask>): Promise<Seen> => {
    const answer = await ask(...args);
    if (answer === 'nothing') throw new Error(`the page may not see the answer of ${args[0]}`);
    return answer;
  };
  const bearer = ({ token }: Served) => ({ authorization: `Bearer ${token}` });

  it('has the list, and what its headers say', async () => {
    const list = await seen(`${open.url}/v2/image?per_page=2&fitler=x`, { headers: bearer(open) });
    expect(list.status).toBe(200);
    expect((JSON.parse(list.body) as { data: object[] }).data).toHaveLength(2);
    expect(list.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      etag: expect.stringMatching(/^W\/"/) as string,
      link: expect.stringContaining('rel="next"') as string,
      'x-ignored-parameters': expect.stringContaining('fitler') as string,
      'x-request-id': expect.any(String) as string,
      'x-synced-on': expect.stringMatching(/Z$/) as string,
      'x-total-count': '3',
    });
    const headers = { ...bearer(open), 'if-none-match': list.headers['etag'], prefer: 'handling=lenient' };
    const again = await seen(`${open.url}/v2/image?per_page=2&fitler=x`, { headers });
    expect([again.status, again.headers['x-synced-on']]).toEqual([304, list.headers['x-synced-on']]);
  });

  it('has the list as a table, and may ask for a sync', async () => {
    const table = await seen(`${open.url}/v2/image`, { headers: { ...bearer(open), accept: 'text/csv' } });
    expect(table.body.split('\r\n')).toHaveLength(5);
    const headers = { ...bearer(open), 'content-type': 'application/json' };
    expect((await seen(`${open.url}/v2/user/image/vm`, { method: 'PATCH', headers, body: '{}' })).status).toBe(202);
  });

  it('is told why it is refused, and nobody is asked for a password over it', async () => {
    page.answerWith(null);
    const before = page.questions();
    const refusals = [
      await seen(`${open.url}/v2/image?sort=age`, { headers: bearer(open) }),
      await seen(`${open.url}/v2/image`, { headers: { authorization: 'Bearer x' } }),
      await seen(`${open.url}/v2/image`, { credentials: 'include' }).catch(() => 'nothing' as const),
      await seen(`${open.url}/v2/image`),
      await seen(`${open.url}/auth/request-token`, { method: 'POST' }),
    ].map((each) => (each === 'nothing' ? each : each.status));
    // With a browser's own credentials no page may come: nothing here reads a cookie.
    expect(refusals).toEqual([400, 401, 'nothing', 401, 401]);
    expect(page.questions()).toBe(before);
  });

  it('sees nothing where it is not configured, nor is anybody asked for a password there', async () => {
    const before = page.questions();
    for (const path of ['/v2/image', '/v2/ping', '/openapi.json', '/']) {
      expect(await ask(`${closed.url}${path}`, { headers: bearer(closed) })).toBe('nothing');
      expect(await ask(`${closed.url}${path}`)).toBe('nothing');
    }
    expect(page.questions()).toBe(before);
  });
});

describeInstalled('a person with a browser', [browserMissing], () => {
  const cleanup = createCleanup();
  let page: Page;
  let served: Served;
  beforeAll(async () => {
    page = await openBrowser();
    cleanup.add(() => page.close());
    served = await startServed(['größe.ova']);
    cleanup.add(() => served.end());
  });
  afterAll(() => cleanup.run());

  it('is led from the bare address to the pages for people', async () => {
    await page.open(`${served.url}/`);
    expect(await page.evaluate('location.pathname')).toBe('/console');
    expect(await page.evaluate('document.querySelectorAll("input[name=password]").length')).toBe(1);
  });

  it('finds the calls of the API among the documents', async () => {
    await page.open(`${served.url}/docs`);
    expect(await page.evaluate('document.querySelectorAll("#calls li").length')).toBeGreaterThan(20);
    expect(await page.evaluate('getComputedStyle(document.querySelector("code")).fontFamily')).toContain('mono');
  });

  it('is asked for a token at a list, and then sees it', async () => {
    page.answerWith({ username: 'jm', password: served.token });
    await page.open(`${served.url}/v2/image`);
    expect(page.questions()).toBe(1);
    expect(await page.evaluate('document.body.textContent')).toContain('"größe.ova"');
  });
});
