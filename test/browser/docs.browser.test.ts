import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { type Served, startServed } from '../interop/scene/served.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture, type WatchedPage } from '../support/browser.js';
import { describeInBrowser, expectQuiet } from './scene/in-browser.js';

const LIBRARY = '#reference';
const LOADED = `${LIBRARY} .opblock`;

describeInBrowser('the page of the API', (inBrowser) => {
  let served: Served;
  beforeAll(async () => {
    served = await startServed(['größe.ova']);
    inBrowser.afterAllTests.add(() => served.end());
  });

  const open = async (
    path = '/docs',
    options: BrowserContextOptions = {},
    origin = served.url,
  ): Promise<WatchedPage> => {
    const watched = await inBrowser.open(origin, options);
    await watched.page.goto(`${origin}${path}`);
    return watched;
  };
  const type = async (page: Page, token: string) => {
    await page.locator(`${LIBRARY} .btn.authorize`).click();
    await page.locator('#auth-bearer-value').fill(token);
    await page
      .locator('.modal-ux form', { has: page.locator('#auth-bearer-value') })
      .locator('[type=submit]')
      .click();
    await page.locator('.modal-ux .close-modal').click();
  };
  /** What is shown as the answer to a call that is tried. */
  const tryOut = async (page: Page, operationId: string) => {
    const call = page.locator(`${LIBRARY} [id$="-${operationId}"]`);
    await call.locator('.opblock-summary-control').click();
    await call.locator('.try-out__btn').click();
    await call.locator('.btn.execute').click();
    return call.locator('.live-responses-table tbody').first().innerText();
  };

  it.each(['/docs', '/docs/'])('shows at %s every call, and asks nobody else for anything', async (path) => {
    const watched = await open(path);
    const { page } = watched;
    await page.locator(LOADED).first().waitFor();
    const { paths } = (await (await fetch(`${served.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const calls = Object.values(paths).flatMap((item) =>
      Object.keys(item).filter((method) => method !== 'head' && method !== 'options'),
    );
    expect(await page.locator(LOADED).count()).toBe(calls.length);
    expect(await page.locator('#calls').isVisible()).toBe(false);
    expect(await page.locator('#standing').textContent()).toBe('');
    expect(await page.getByRole('heading', { name: 'ovadex' }).count()).toBe(1);
    await page.locator(`${LIBRARY} [id$="-listImages"] .opblock-summary-control`).click();
    await page.locator(`${LIBRARY} [id$="-listImages"] .parameters`).first().waitFor();
    expectQuiet(watched);
    await takePicture(page, 'docs-call');
  });

  it('tries a call with the token that was typed in, and stores it nowhere', async () => {
    const watched = await open();
    const { page } = watched;
    await page.locator(LOADED).first().waitFor();
    await type(page, served.token);
    const answer = await tryOut(page, 'listOwnImages');
    expect(answer).toContain('200');
    expect(answer).toContain('größe.ova');
    expect(watched.requests).toContain('GET /v2/user/image/vm');
    const stored = await page.evaluate(`(async () => [
      Object.keys(localStorage), Object.keys(sessionStorage), document.cookie, location.href,
      (await indexedDB.databases()).length, (await caches.keys()).length,
    ])()`);
    expect(stored).toEqual([[], [], '', expect.not.stringContaining(served.token), 0, 0]);
    await takePicture(page, 'docs-tried');
    await page.reload();
    await page.locator(LOADED).first().waitFor();
    expectQuiet(watched);
    expect(await tryOut(page, 'showUser')).toContain('401');
    // Nobody is asked for a password over it, and that is all there is on the console.
    expect(watched.errors).toEqual([expect.stringContaining('401')]);
    expect({ violations: watched.violations, elsewhere: watched.elsewhere }).toEqual({ violations: [], elsewhere: [] });
  });

  it('sends no token to another origin, even if the document names one', async () => {
    const watched = await inBrowser.open(served.url);
    const { page } = watched;
    const document = (await (await fetch(`${served.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const servers = [{ url: 'http://elsewhere.example.org' }];
    document.paths['/v2/user'] = { ...document.paths['/v2/user'], servers };
    await page.route('**/openapi.json', (route) => route.fulfill({ json: document }));
    await page.goto(`${served.url}/docs`);
    await page.locator(LOADED).first().waitFor();
    await type(page, served.token);
    expect(await tryOut(page, 'showUser')).toContain('Failed to fetch');
    expect(new Set(watched.violations)).toEqual(new Set(['connect-src: http://elsewhere.example.org/v2/user']));
    expect(watched.elsewhere).toEqual([]);
  });

  it('works below a prefix that a proxy takes away, whatever address the API has for others', async () => {
    const target = new URL(served.url);
    const proxy = createServer((incoming, outgoing) => {
      const { method, headers, url = '' } = incoming;
      const path = url.replace(/^\/ovadex(?=\/)/, '');
      const forwarded = ask({ host: target.hostname, port: target.port, method, headers, path }, (answer) => {
        outgoing.writeHead(url === path ? 404 : (answer.statusCode ?? 502), answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    inBrowser.cleanup.add(() => new Promise((resolve) => proxy.close(resolve)));
    const watched = await open('/ovadex/docs', {}, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await watched.page.locator(LOADED).first().waitFor();
    await type(watched.page, served.token);
    expect(await tryOut(watched.page, 'showUser')).toContain('200');
    expect(watched.requests).toContain('GET /ovadex/v2/user');
    expectQuiet(watched);
    await watched.close(); // before the proxy, which waits for its connections
  });

  it('lists every call without scripts', async () => {
    const watched = await open('/docs', { javaScriptEnabled: false });
    expect(await watched.page.locator('#calls li').count()).toBeGreaterThan(20);
    expect(await watched.page.locator('#calls').isVisible()).toBe(true);
    await watched.page.getByRole('link', { name: 'OpenAPI' }).click();
    expect(watched.page.url()).toBe(`${served.url}/openapi.json`);
    expect(watched.elsewhere).toEqual([]);
  });

  it('lists them again if the library cannot be loaded, and says so', async () => {
    const watched = await inBrowser.open(served.url);
    await watched.page.route('**/assets/swagger-ui.*.js', (route) => route.abort());
    await watched.page.goto(`${served.url}/docs`);
    await watched.page.locator('#calls').waitFor();
    expect(await watched.page.locator('#standing').textContent()).toMatch(/cannot be tried here.*could not be loaded/);
  });

  it.each([
    ['light', 'desk', 1280],
    ['dark', 'desk', 1280],
    ['light', 'phone', 360],
  ] as const)('is readable for everybody: %s, %s', async (colorScheme, device, width) => {
    const options = { colorScheme, viewport: { width, height: 800 } };
    const { page } = await open('/docs', options);
    await page.locator(LOADED).first().waitFor();
    // What the library draws is its own.
    expect(await accessibilityFaults(page, [LIBRARY])).toEqual([]);
    expect(await page.evaluate('document.documentElement.classList.contains("dark-mode")')).toBe(
      colorScheme === 'dark',
    );
    await takePicture(page, `docs-${colorScheme}-${device}`);
    // axe itself needs scripts, so the page is kept from its own.
    const plain = await inBrowser.open(served.url, options);
    await plain.page.route('**/assets/*.js', (route) => route.abort());
    await plain.page.goto(`${served.url}/docs`);
    await plain.page.locator('#calls').waitFor();
    expect(await accessibilityFaults(plain.page)).toEqual([]);
    await takePicture(plain.page, `docs-without-scripts-${colorScheme}-${device}`);
  });
});
