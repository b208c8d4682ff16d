import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { createConsoleAssets } from '../../src/console/assets.js';
import { createConsole } from '../../src/console/console.js';
import { openPage, type WatchedPage } from './browser.js';
import type { Cleanup } from './cleanup.js';

export interface ScriptedConsole extends WatchedPage {
  /** The root of the console. */
  readonly url: string;
}

/**
 * Serves the console to an administrator who has signed in, over an API that gives this `data` by its path, whatever
 * the method. `isMissing` tells which of the console's own addresses fail.
 */
export async function openScriptedConsole(
  browser: Browser,
  cleanup: Cleanup,
  data: Readonly<Record<string, unknown>>,
  {
    clock = Date.now,
    options = {},
    isMissing = () => false,
  }: {
    readonly clock?: () => number;
    readonly options?: BrowserContextOptions;
    readonly isMissing?: (url: string) => boolean;
  } = {},
): Promise<ScriptedConsole> {
  const user = { username: 'root', scopes: ['admin'], token_expires_on: null, space: null };
  const pages = createConsole({
    async api(request) {
      const { pathname } = new URL(request.url);
      return Response.json({ data: pathname === '/v2/user' ? user : data[pathname], meta: {} });
    },
    ...{ publicUrl: null, signIns: [], endToken: () => undefined, clock, assets: await createConsoleAssets() },
    logger: { error: () => undefined },
  });
  const server = createServer(
    getRequestListener(async (request) =>
      isMissing(request.url) ? new Response(null, { status: 404 }) : pages(request, {}),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => void server.close().closeAllConnections());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const watched = await openPage(browser, origin, options);
  cleanup.add(() => watched.close());
  const { page } = watched;
  await page.goto(`${origin}/console/sign-in`);
  await page.locator('summary').click();
  await page.locator('input[name=token]').fill('ovx_1');
  await page.locator('details button').click();
  await page.waitForURL('**/console/admin');
  return { ...watched, url: `${origin}/console` };
}
