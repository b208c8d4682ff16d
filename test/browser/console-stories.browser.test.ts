import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { takePicture } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { imagePath, type RealConsole, SOON, signInByPassword, startRealConsole } from './scene/real-console.js';

/** Each story has a space of its own: the number of the user is that of the space. */
const USERS = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
const IMAGES = 60;

describeInBrowser('a whole story', (inBrowser) => {
  let real: RealConsole;
  beforeAll(async () => {
    real = await startRealConsole(inBrowser.browser(), { users: USERS, images: IMAGES });
    inBrowser.afterAllTests.add(() => real.end());
  });

  const show = (page: Page, path: string) => page.goto(`${real.url}/console${path}`);
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
  const main = async (page: Page) => (await page.locator('main').textContent()) ?? '';
  /** Looks at a page again until it says that. */
  const showUntil = (page: Page, path: string, text: string) =>
    expect
      .poll(async () => {
        await show(page, path);
        return await main(page);
      }, SOON)
      .toContain(text);
  const expectQuiet = ({
    errors,
    violations,
  }: {
    readonly errors: readonly string[];
    readonly violations: readonly string[];
  }) => expect({ errors, violations }).toEqual({ errors: [], violations: [] });

  it.each([
    ['with scripts', true, 'ann'],
    ['without', false, 'ben'],
  ] as const)(
    'of an administrator whose storage loses half of its images, %s',
    async (_how, javaScriptEnabled, user) => {
      const watched = await real.openAsAdmin({ javaScriptEnabled });
      const { page } = watched;
      const at = USERS.indexOf(user);
      for (let n = 0; n < IMAGES / 2; n++) real.dav.tree.remove(imagePath(at, n));
      await show(page, `/admin/spaces/${user}`);
      await press(page, 'Sync now');
      await showUntil(page, `/admin/spaces/${user}`, '30 images are gone from the storage');
      await takePicture(page, `stories-held-space-${user}`);
      // All administrators are told the same overview, made anew every few seconds. From it the decision is two clicks away.
      const link = page.locator('.attention').getByRole('link', { name: user, exact: true });
      await expect
        .poll(async () => {
          await show(page, '/admin');
          return await link.count();
        }, SOON)
        .toBe(1);
      await link.click();
      const said = await main(page);
      expect(said).toContain('30 imageswould go from the list');
      expect(said).toContain('30 imageswould stay');
      expect(await page.locator('tbody tr').count()).toBe(30);
      await takePicture(page, `stories-held-${user}`);
      await press(page, 'Yes, let them go');
      expect(await page.locator('.notice').textContent()).toContain('The removal is accepted.');
      await takePicture(page, `stories-accepted-${user}`);
      await showUntil(page, `/admin/spaces/${user}`, 'All is well.');
      expect(await main(page)).toContain('30 images');
      expectQuiet(watched);
    },
  );

  it.each([
    ['with scripts', true, 'cat'],
    ['without', false, 'dan'],
  ] as const)('of an administrator whose storage refuses a password, %s', async (_how, javaScriptEnabled, user) => {
    const watched = await real.openAsAdmin({ javaScriptEnabled });
    const { page } = watched;
    real.setPasswords(USERS.filter((each) => each !== user));
    await show(page, `/admin/spaces/${user}`);
    await press(page, 'Sync now');
    await showUntil(page, `/admin/spaces/${user}`, 'Its storage refuses the credentials.');
    await takePicture(page, `stories-suspended-${user}`);
    expect(await main(page)).toContain('60 images');
    real.setPasswords(USERS);
    await press(page, 'Resume now');
    await showUntil(page, `/admin/spaces/${user}`, 'All is well.');
    expectQuiet(watched);
  });

  it.each([
    ['with scripts', true, 'eve'],
    ['without', false, 'fay'],
  ] as const)(
    'of a user: sign in, look again, find, copy the path, ask why, %s',
    async (_how, javaScriptEnabled, user) => {
      const watched = await real.open({ javaScriptEnabled, permissions: ['clipboard-read', 'clipboard-write'] });
      const { page } = watched;
      await show(page, '/sign-in');
      await signInByPassword(page, user);
      real.dav.tree.put(`space${USERS.indexOf(user)}/course 0/thesis.ova`, { size: 7 });
      await press(page, 'Look again now');
      if (javaScriptEnabled) {
        await page.getByText('1 new').first().waitFor();
        await page.getByLabel('Name contains').pressSequentially('thesis');
        await page.getByText('1 image', { exact: true }).last().waitFor();
        await page.locator('#list button.copy').click();
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe('course 0/thesis.ova');
      } else {
        await expect
          .poll(async () => {
            const far = page.getByRole('link', { name: 'See how far it is' });
            if ((await far.count()) > 0) await far.click();
            return await main(page);
          }, SOON)
          .toContain('has been looked at');
        await page.getByLabel('Name contains').fill('thesis');
        await press(page, 'Show');
        expect(await page.locator('#list .path').textContent()).toBe('course 0/thesis.ova');
      }
      await takePicture(page, `stories-found-${user}`);
      expect(await page.locator('#list tbody tr').count()).toBe(1);
      await page.getByRole('link', { name: 'Why isn’t it here?' }).first().click();
      await page.getByLabel('Name or path').fill('lost.ova');
      await press(page, 'Find out');
      await page.getByText('Not in your list').waitFor();
      expect(await main(page)).toContain('What to do:');
      await takePicture(page, `stories-why-${user}`);
      expectQuiet(watched);
    },
  );
});
