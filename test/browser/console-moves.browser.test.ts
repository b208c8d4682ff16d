import { expect, it } from 'vitest';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { openScriptedConsole } from './scene/scripted-console.js';

const PHONE = { viewport: { width: 390, height: 844 } };
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();
const RUNNING = {
  ...{ id: 7, status: 'IN_PROGRESS', created_on: IN_AN_HOUR, started_on: null, ended_on: null },
  ...{ added: 3, changed: 1, deleted: 0, failures: 0, images: 1_204, collections: 312, expected_collections: 3_400 },
  ...{ collections_per_second: 38.5, seconds_left: 81, message: { errors: [], warnings: ['/lab: 403 Forbidden'] } },
};
const ENDED = { ...RUNNING, status: 'PROCESSED', ended_on: IN_AN_HOUR };
const NO_LINK = { server: null, login_name: null, linked_by: null, linked_on: null, login_url: null, expires_on: null };
const PENDING = {
  ...NO_LINK,
  state: 'pending',
  login_url: 'https://cloud.test/flow',
  expires_on: IN_AN_HOUR,
  message: '',
};
const LINKED = { ...NO_LINK, state: 'linked', server: 'https://cloud.test/', login_name: 'jm', message: '' };

describeInBrowser('parts of pages that move', (inBrowser) => {
  /** Shows the console of a user over an API that gives what a test sets. */
  const serve = async () => {
    const data: Record<string, unknown> = {
      '/v2/user': { username: 'jm', scopes: ['hint'], token_expires_on: null, space: null },
      '/v2/request/image_sync': [],
      '/v2/request/image_sync/7': RUNNING,
      '/v2/user/image/vm': [],
      '/v2/user/space/link': PENDING,
      '/v2/user/token': [],
      'POST /v2/user/token': { token: 'ovx_new' },
    };
    const { page, url } = await openScriptedConsole(inBrowser, data, { options: PHONE });
    const expectFit = async () => {
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    };
    return { data, page, url, expectFit };
  };

  it('show a sync as it goes on, read out its end once, and ask no more then', async () => {
    const { data, page, url, expectFit } = await serve();
    await page.goto(`${url}/images?sync=7`);
    await page.getByText('312 of about 3,400 folders').waitFor();
    await takePicture(page, 'console-progress');
    await expectFit();
    data['/v2/request/image_sync/7'] = ENDED;
    await page.locator('#said', { hasText: 'has been looked at' }).waitFor({ state: 'attached' });
    await page.getByText('3 new, 1 changed').waitFor();
    expect(await page.locator('[data-live]').count()).toBe(0);
  });

  it('go on by themselves once the user has agreed at the storage', async () => {
    const { data, page, url, expectFit } = await serve();
    await page.goto(`${url}/space`);
    const link = page.getByRole('link', { name: 'Log in at your storage' });
    expect(await link.getAttribute('rel')).toContain('noopener');
    await expectFit();
    data['/v2/user/space/link'] = LINKED;
    await page.getByRole('link', { name: 'Disconnect …' }).waitFor();
    expect(await link.count()).toBe(0);
    await takePicture(page, 'console-linked');
    await expectFit();
  });

  it('show a new token once, with a button that copies it', async () => {
    const { page, url, expectFit } = await serve();
    await page.goto(`${url}/space`);
    await page.locator('#create button').click();
    await page.getByText('ovx_new').waitFor();
    await page.locator('.secret button.copy').waitFor();
    await expectFit();
    await page.reload();
    expect(await page.getByText('ovx_new').count()).toBe(0);
  });
});
