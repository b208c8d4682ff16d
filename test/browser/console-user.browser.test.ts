import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { type Served, startServed } from '../interop/scene/served.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture, type WatchedPage } from '../support/browser.js';
import { describeInBrowser, expectQuiet } from './scene/in-browser.js';
import { signInByToken } from './scene/sign-in.js';

const EVIL = '<img src=x onerror=document.title=1>.ova';
const PHONE = { viewport: { width: 390, height: 844 } };
const PAGES = ['/images', '/images?name=zzz', '/why?q=gone.ova', '/space'];

describeInBrowser('the pages of a user', (inBrowser) => {
  let served: Served;
  beforeAll(async () => {
    served = await startServed(['größe.ova', 'lab/a b.ova', 'lab/c.ova', EVIL]);
    inBrowser.afterAllTests.add(() => served.end());
  });

  const signIn = async (options: BrowserContextOptions = {}): Promise<WatchedPage> => {
    const watched = await inBrowser.open(served.url, options);
    await signInByToken(watched.page, served.url, served.token);
    await watched.page.waitForURL('**/console/images');
    return watched;
  };
  const show = (page: Page, path: string) => page.goto(`${served.url}/console${path}`);

  it('follows what is typed, keeps the focus, and tells how many there are', async () => {
    const watched = await signIn();
    const { page } = watched;
    const field = page.locator('input[type=search]');
    await field.pressSequentially('a b');
    await page.waitForURL('**/console/images?name=a+b');
    await page.locator('#said', { hasText: '1 image' }).waitFor({ state: 'attached' });
    expect(await page.locator('#list tbody tr').count()).toBe(1);
    expect(await page.locator('#said').textContent()).toBe('1 image');
    expect(await field.evaluate('document.activeElement === document.querySelector("input[type=search]")')).toBe(true);
    // What came later has all that the first page had.
    await page.locator('#list button.copy').waitFor();
    expectQuiet(watched);
  });

  it('follows what was typed or chosen before its scripts had come', async () => {
    const watched = await signIn();
    const { page } = watched;
    let goOn: () => void = () => undefined;
    const typed = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/assets/**/filters.js', async (route) => {
      await typed;
      await route.continue();
    });
    await page.goto(`${served.url}/console/images`, { waitUntil: 'commit' });
    await page.locator('input[type=search]').pressSequentially('a b');
    goOn();
    await page.waitForURL('**/console/images?name=a+b');
    await page.locator('#said', { hasText: '1 image' }).waitFor({ state: 'attached' });
    expect(await page.locator('#list tbody tr').count()).toBe(1);
    expectQuiet(watched);
  });

  it('shows what it was asked for, and nothing else, if nobody typed', async () => {
    const watched = await signIn();
    const { page } = watched;
    const asked: string[] = [];
    await page.route('**/console/images**', async (route) => {
      asked.push(route.request().url());
      await route.continue();
    });
    await show(page, '/images?name=a+b&state=ok');
    await page.waitForLoadState('networkidle');
    expect(asked).toEqual([`${served.url}/console/images?name=a+b&state=ok`]);
    expectQuiet(watched);
  });

  it('copies the exact path by the keyboard, and says so', async () => {
    const watched = await signIn({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = watched;
    await show(page, '/images?name=a+b');
    await page.locator('#list button.copy').press('Enter');
    await page.locator('#said', { hasText: 'Copied' }).waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('lab/a b.ova');
    expectQuiet(watched);
  });

  it('shows how far a sync is that was asked for, until it has ended', async () => {
    const watched = await signIn();
    const { page } = watched;
    await page.getByRole('button', { name: 'Look again now' }).click();
    await page.waitForURL('**/console/images?sync=*');
    await page.getByText('Your storage has been looked at.').first().waitFor();
    await page.locator('main [data-live]').waitFor({ state: 'detached' });
    expectQuiet(watched);
  });

  it('takes names for text', async () => {
    const watched = await signIn();
    const { page } = watched;
    await show(page, `/images?name=${encodeURIComponent('<img')}`);
    await page.locator('#list tbody a').first().click();
    await page.waitForURL('**/console/images/*');
    expect(await page.locator('h1').textContent()).toBe(EVIL);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).toContain(EVIL);
    expectQuiet(watched);
  });

  it('tells times in the own zone of whoever looks', async () => {
    const { page } = await signIn({ timezoneId: 'Asia/Kathmandu', locale: 'en-GB' });
    expect(await page.locator('time').first().getAttribute('title')).toMatch(/GMT\+5:45|Nepal/);
  });

  it('is all there without scripts', async () => {
    const { page } = await signIn({ javaScriptEnabled: false });
    await page.locator('input[type=search]').fill('größe');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    expect(await page.locator('#list tbody tr').count()).toBe(1);
    await page.getByRole('button', { name: 'Look again now' }).click();
    await page
      .getByText(/Your storage (has been|is being|is) looked at/)
      .first()
      .waitFor();
    await page.locator('#list tbody a').first().click();
    expect(await page.locator('h1').textContent()).toBe('größe.ova');
    await show(page, '/space');
    await page.getByRole('link', { name: 'End …' }).first().click();
    expect(await page.locator('h1').textContent()).toBe('End this token?');
  });

  it.each([
    ['desk', 'light', {}],
    ['desk', 'dark', {}],
    ['phone', 'light', PHONE],
    ['phone', 'dark', PHONE],
  ] as const)('is for everybody: %s, %s', async (place, colorScheme, options) => {
    const watched = await signIn({ ...options, colorScheme });
    const { page } = watched;
    const image = (await page.locator('#list tbody a').first().getAttribute('href')) ?? '';
    for (const path of [...PAGES, image.replace('/console', '')]) {
      await show(page, path);
      await takePicture(page, `console-user-${path.replace(/\W+/g, '-')}-${place}-${colorScheme}`);
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
    }
    expectQuiet(watched);
  });
});
