import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { vi } from 'vitest';
import { openPage, type WatchedPage } from '../../support/browser.js';
import { createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { signInByToken } from './sign-in.js';

export const SERVICE = { username: 'svc', password: 'the service’s own secret' };
export const passwordOf = (user: string) => `${user}’s own secret`;
/** A sync takes a second; a busy machine takes longer. */
export const SOON = { timeout: 60_000, interval: 200 };
/** A user whose name is markup. */
export const ODD_USER = '<img src=x onerror=document.title=1>';

/** A daemon with spaces on a real tree, and browsers that look at its console. */
export interface RealConsole {
  /** No trailing slash. */
  readonly url: string;
  readonly dav: DavServer;
  readonly ovadex: Ovadex;
  /** Lets the storage know these users' passwords, beside that of the service. */
  setPasswords(users: readonly string[]): void;
  /** Opens a browser of its own. */
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
  /** The same, signed in as an administrator. */
  openAsAdmin(options?: BrowserContextOptions): Promise<WatchedPage>;
  end(): Promise<void>;
}

/**
 * Starts it with a space for each user, of so many images in folders of ten. Each space is read with its user's own
 * password, which is `passwordOf` them.
 */
export async function startRealConsole(
  browser: Browser,
  { users, images }: { readonly users: readonly string[]; readonly images: number },
): Promise<RealConsole> {
  const cleanup = createCleanup();
  const accountOf = (user: string) => ({ username: user, password: passwordOf(user) });
  try {
    const dav = await startDavServer({ auth: [SERVICE, ...users.map(accountOf)] });
    cleanup.add(() => dav.close());
    for (const at of users.keys()) {
      for (let n = 0; n < images; n++) dav.tree.put(imagePath(at, n), { size: 1_000_000 * (n + 1) });
    }
    const ovadex = await installOvadex();
    cleanup.add(() => ovadex.remove());
    ovadex.configure({
      spaces: users.map((user, at) => ({
        ...{ user, url: `${dav.url}space${at}/` },
        auth: { type: 'basic', ...accountOf(user) },
      })),
    });
    await ovadex.json('sync', '--all', '--full');
    const { token } = await ovadex.createToken('root', ['--scope', 'admin']);
    const daemon = await ovadex.serve();
    cleanup.add(() => daemon.stop());
    const url = daemon.url.replace(/\/$/, '');
    await vi.waitUntil(() => isAtRest(url, token, users.length), SOON);
    const open = async (options: BrowserContextOptions = {}) => {
      const watched = await openPage(browser, url, options);
      cleanup.add(() => watched.close());
      return watched;
    };
    return {
      ...{ url, dav, ovadex, open, end: cleanup.run },
      setPasswords: (known) => dav.setAccounts([SERVICE, ...known.map(accountOf)]),
      async openAsAdmin(options) {
        const watched = await open(options);
        await signInByToken(watched.page, url, token);
        return watched;
      },
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Whether a daemon has looked at each of its spaces, as it does after its start, and looks at none now. */
async function isAtRest(url: string, token: string, spaces: number): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/v2/admin/request?per_page=100`, { headers });
  const { data } = (await response.json()) as {
    data: readonly { readonly trigger: string; readonly ended_on: string | null }[];
  };
  const ended = data.filter(({ ended_on: endedOn }) => endedOn !== null);
  return ended.length === data.length && ended.filter(({ trigger }) => trigger === 'schedule').length >= spaces;
}

/** The path below the root of an image of the space of this number; what is behind its first slash is what the list shows. */
export function imagePath(space: number, image: number): string {
  return `space${space}/course ${Math.floor(image / 10)}/machine-${image}.ova`;
}

/** Signs in with the password of the storage, on the page that is shown. */
export async function signInByPassword(page: Page, user: string): Promise<void> {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password of your storage').fill(passwordOf(user));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.who').waitFor();
}
