import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { BrowserContextOptions } from 'playwright-core';
import { createConsoleAssets } from '../../../src/console/assets.js';
import { createConsole } from '../../../src/console/console.js';
import type { WatchedPage } from '../../support/browser.js';
import type { InBrowser } from './in-browser.js';
import { signInByToken } from './sign-in.js';

export interface ScriptedConsole extends WatchedPage {
  /** The root of the console. */
  readonly url: string;
}

const ADMINISTRATOR = { username: 'root', scopes: ['admin'], token_expires_on: null, space: null };

/**
 * Serves the console to whoever `/v2/user` says, an administrator if it is left out, over an API that gives this `data` by
 * its path, or by method and path, and has nothing else. `isMissing` tells which of the console's own addresses fail.
 */
export async function openScriptedConsole(
  { open, cleanup }: Pick<InBrowser, 'open' | 'cleanup'>,
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
  const pages = createConsole({
    async api({ method, url }) {
      const { pathname } = new URL(url);
      const given =
        data[`${method} ${pathname}`] ?? data[pathname] ?? (pathname === '/v2/user' ? ADMINISTRATOR : undefined);
      if (given === undefined) return Response.json({ detail: 'there is nothing here' }, { status: 404 });
      return Response.json({ data: given, meta: { index: { state: 'fresh', synced_on: null } } });
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
  const watched = await open(origin, options);
  await signInByToken(watched.page, origin, 'ovx_1');
  return { ...watched, url: `${origin}/console` };
}
