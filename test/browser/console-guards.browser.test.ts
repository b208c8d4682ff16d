import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from './scene/in-browser.js';
import { ODD_USER, type RealConsole, signInByPassword, startRealConsole } from './scene/real-console.js';
import { signInByToken } from './scene/sign-in.js';

describeInBrowser('whoever looks', (inBrowser) => {
  let real: RealConsole;
  beforeAll(async () => {
    real = await startRealConsole(inBrowser.browser(), { users: ['ann', 'ben', ODD_USER], images: 3 });
    inBrowser.afterAllTests.add(() => real.end());
  });

  const show = (page: Page, path: string) => page.goto(`${real.url}/console${path}`);
  const openAs = async (user: string) => {
    const watched = await real.open();
    await show(watched.page, '/sign-in');
    await signInByPassword(watched.page, user);
    return watched;
  };

  it('sees only what is the own, beside somebody else on the same machine', async () => {
    const [ann, ben] = [await openAs('ann'), await openAs('ben')];
    const image = (await ann.page.locator('#list tbody a').first().getAttribute('href')) ?? '';
    await ben.page.goto(real.url + image);
    expect(await ben.page.locator('main').textContent()).toContain('No such image');
    expect((await show(ben.page, '/admin'))?.status()).toBe(403);
    await ann.page.getByRole('button', { name: 'Sign out' }).click();
    await ann.page.getByText('You have signed out.').waitFor();
    await show(ben.page, '/images');
    expect(await ben.page.locator('.who').textContent()).toContain('ben');
    await show(ann.page, '/images');
    expect(await ann.page.getByLabel('User name').count()).toBe(1);
  });

  it('reads the name of a user as text, on every page that has it', async () => {
    const { page, errors, violations } = await real.openAsAdmin();
    const user = encodeURIComponent(ODD_USER);
    for (const path of [
      '',
      '/spaces',
      `/spaces/${user}`,
      `/forget?user=${user}`,
      `/syncs?user=${user}`,
      `/search?user=${user}`,
    ]) {
      expect((await show(page, `/admin${path}`))?.status(), path).toBe(200);
      expect(await page.locator('img').count(), path).toBe(0);
      expect(await page.title(), path).not.toBe('1');
    }
    await page.goto(`${real.url}/console/admin/spaces`);
    await page.getByRole('link', { name: ODD_USER }).click();
    expect(await page.locator('h1').textContent()).toBe(`Space of ${ODD_USER}`);
    await page.getByRole('button', { name: 'Sync now' }).click();
    expect(await page.locator('.notice').textContent()).toContain(ODD_USER);
    expect({ errors, violations }).toEqual({ errors: [], violations: [] });
  });

  it.each(['/sign-out', '/images/look', '/space/tokens'])(
    'does nothing at %s that a page of another origin has made the browser send',
    async (path) => {
      const { page } = await openAs('ann');
      await page.context().unrouteAll();
      const action = `${real.url}/console${path}`;
      const server = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html').end(`<form method="post" action="${action}"></form>`);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      inBrowser.cleanup.add(() => server.close());
      // Another port is another origin, but the same site: the browser sends the cookie along.
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const sent = page.waitForResponse((response) => response.url() === action);
      await page.evaluate('document.forms[0].submit()');
      const response = await sent;
      expect(response.status()).toBe(403);
      expect((await response.request().allHeaders())['cookie']).toContain('ovadex-session=');
      await page.getByText('That form came from another site').waitFor();
      await show(page, '/images');
      expect(await page.locator('.who').textContent()).toContain('ann');
    },
  );

  it('is asked to sign in again once the token has ended, and then goes on where that was', async () => {
    const { page } = await real.open();
    const first = await real.ovadex.createToken('ann');
    await signInByToken(page, real.url, first.token);
    await show(page, '/why?q=lost.ova');
    await real.ovadex.run('token', 'revoke', `${first.id}`);
    await page.getByRole('button', { name: 'Find out' }).click();
    await page.getByText('Your session has ended.').waitFor();
    const { token } = await real.ovadex.createToken('ann');
    await page.locator('summary').click();
    await page.locator('input[name=token]').fill(token);
    await page.locator('details button').click();
    await page.waitForURL('**/console/why?q=lost.ova');
  });

  it('needs no mouse: every stop of the tab key shows, the first skips to the contents', async () => {
    const { page } = await real.open();
    await show(page, '/sign-in');
    await page.getByLabel('User name').focus();
    await page.keyboard.type('ann');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ann’s own secret');
    await page.keyboard.press('Enter');
    await page.locator('.who').waitFor();
    const stops: string[] = [];
    for (let n = 0; n < 14; n++) {
      await page.keyboard.press('Tab');
      const [text, width, left, top, height] = await page.evaluate<[string, number, number, number, number]>(`(() => {
        const { activeElement: stop } = document;
        const box = stop.getBoundingClientRect();
        const text = (stop.getAttribute('aria-label') ?? stop.textContent.trim()) || stop.name;
        return [text, parseFloat(getComputedStyle(stop).outlineWidth), box.left, box.top, box.height];
      })()`);
      stops.push(text);
      expect([text, width >= 2, left >= 0, top >= 0, height >= 16]).toEqual([text, true, true, true, true]);
    }
    expect(stops.slice(0, 6)).toEqual([
      ...['Skip to the contents', 'ovadex', 'My images', 'Why isn’t it here?', 'My space', 'Sign out'],
    ]);
    expect(stops[6]).toBe('name');
    await show(page, '/images');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });
});
