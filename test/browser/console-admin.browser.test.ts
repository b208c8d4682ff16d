import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { type Served, startServed } from '../interop/scene/served.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture, type WatchedPage } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { signInByToken } from './scene/sign-in.js';

const EVIL = '<img src=x onerror=document.title=1>.ova';
const PHONE = { viewport: { width: 390, height: 844 } };
const PAGES = [
  ...['', '/spaces', '/spaces?user=zzz', '/spaces/jm', '/spaces/jm/held', '/forget?user=jm'],
  ...['/syncs', '/syncs/1', '/search', '/search?name=ova', '/health', '/health/audit'],
];

describeInBrowser('the pages of an administrator', (inBrowser) => {
  let served: Served;
  let token: string;
  beforeAll(async () => {
    served = await startServed(['größe.ova', 'lab/a b.ova', EVIL]);
    inBrowser.afterAllTests.add(() => served.end());
    ({ token } = await served.ovadex.createToken('root', ['--scope', 'admin']));
  });

  const signIn = async (options: BrowserContextOptions = {}): Promise<WatchedPage> => {
    const watched = await inBrowser.open(served.url, options);
    await signInByToken(watched.page, served.url, token);
    await watched.page.waitForURL('**/console/admin');
    return watched;
  };
  const show = (page: Page, path: string) => page.goto(`${served.url}/console/admin${path}`);

  it('lets one choose spaces and have them synced, by the keyboard and without scripts', async () => {
    const { page } = await signIn({ javaScriptEnabled: false });
    await show(page, '/spaces');
    await page.getByLabel('Choose jm').press('Space');
    await page.getByRole('button', { name: 'Sync', exact: true }).press('Enter');
    expect(await page.locator('.notice').textContent()).toContain('Asked for a sync of “jm”.');
  });

  it('backs the index up and reads the configuration again, and shows what came of it', async () => {
    const { page } = await signIn();
    await show(page, '/health');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.locator('.notice', { hasText: /Backed up as ovadex-\w+\.db, / }).waitFor();
    expect(await page.getByRole('rowheader', { name: /^ovadex-\w+\.db$/ }).count()).toBe(1);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator('.notice', { hasText: 'The file says what is in effect already.' }).waitFor();
    await page.getByRole('link', { name: 'The whole audit log' }).click();
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(expect.arrayContaining(['backup', 'reload']));
  });

  it.each([
    ['desk', 'light', {}],
    ['desk', 'dark', {}],
    ['phone', 'light', PHONE],
    ['phone', 'dark', PHONE],
  ] as const)('is for everybody: %s, %s', async (place, colorScheme, options) => {
    const watched = await signIn({ ...options, colorScheme });
    const { page, errors, violations, elsewhere } = watched;
    for (const path of PAGES) {
      await show(page, path);
      await takePicture(page, `console-admin${path.replace(/\W+/g, '-')}-${place}-${colorScheme}`);
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
    }
    expect({ errors, violations, elsewhere }).toEqual({ errors: [], violations: [], elsewhere: [] });
  });
});
