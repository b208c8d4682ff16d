import { expect, it } from 'vitest';
import type { AuditJson, HealthJson } from '../../src/wire/daemon.js';
import { COPY, HEALTH } from '../console/admin/daemon-sample.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { openScriptedConsole } from './scene/scripted-console.js';

const PHONE = { viewport: { width: 390, height: 844 } };
const NOW = Date.parse(HEALTH.as_of);
const NEW = 'ovadex-20261124T115930000Z.db';

/** A daemon with all that can be told of one. */
const TROUBLED: HealthJson = {
  ...HEALTH,
  checks: [
    ...HEALTH.checks,
    { name: 'index', ok: false, required: true, detail: 'the last write failed: the disk is full' },
  ],
  backups: {
    ...HEALTH.backups,
    running: { name: NEW, started_on: '2026-11-24T11:59:30.000Z' },
    last_failure: { name: 'a.db', failed_on: '2026-11-24T11:00:00.000Z', reason: 'there is no room: 1 MB are free' },
    copies: [COPY, { ...COPY, name: 'ovadex-before.db', before_migration: true, valid: false, problem: 'it is empty' }],
  },
  configuration: {
    ...HEALTH.configuration,
    text: `${HEALTH.configuration.text}spaces:\n  - url: https://dav.example.org/${'long/'.repeat(40)}\n`,
    waits_for_restart: ['server', 'log'],
    warnings: ['crawl.schedule: every minute is often for 5,000 spaces'],
    refused: 'line 3: "listne" is no key of server; did you mean "listen"?\nline 9: "x" is no number',
  },
  findings: [
    { area: 'files', subject: '/var/lib/ovadex', severity: 'ok', message: 'writable, closed to others', action: null },
    { area: 'disk', subject: '/var/lib/ovadex', severity: 'problem', message: 'it is full', action: 'make room' },
    { area: 'clock', subject: 'this machine', severity: 'warning', message: 'it is 90 s ahead', action: 'set it' },
    { area: 'space', subject: 'größe <i>', severity: 'note', message: 'its list is 3 days old', action: null },
  ],
};
const AUDIT: readonly AuditJson[] = [
  {
    ...{ time: '2026-11-24T11:58:00.000Z', host: null, act: 'accept', by: 'root', from: '2001:db8::7' },
    ...{ details: { user: 'größe <i>', request: '0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f' }, outcome: 'done' },
  },
  {
    time: '2026-11-24T11:00:00.000Z',
    host: null,
    act: 'reload',
    by: 'ann',
    from: '::1',
    details: {},
    outcome: 'refused: 422',
  },
];

describeInBrowser('the page about health', (inBrowser) => {
  it.each([
    ['desk', 'light', {}],
    ['desk', 'dark', {}],
    ['phone', 'light', PHONE],
    ['phone', 'dark', PHONE],
  ] as const)('is for everybody, however much there is to tell: %s, %s', async (place, colorScheme, options) => {
    const data = { '/v2/admin/health': TROUBLED, '/v2/admin/audit': AUDIT };
    const watched = await openScriptedConsole(inBrowser, data, {
      ...{ clock: () => NOW, options: { ...options, colorScheme } },
    });
    const { page, url, violations } = watched;
    for (const path of ['/admin/health', '/admin/health/audit']) {
      await page.goto(url + path);
      for (const summary of await page.locator('main summary').all()) await summary.click();
      await takePicture(page, `console${path.replaceAll('/', '-')}-troubled-${place}-${colorScheme}`);
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
    }
    expect(violations).toEqual([]);
  });

  it('shows a backup once it is made, by itself, and says so', async () => {
    const data: Record<string, unknown> = { '/v2/admin/health': TROUBLED, '/v2/admin/audit': AUDIT };
    const { page, url } = await openScriptedConsole(inBrowser, data);
    await page.goto(`${url}/admin/health`);
    expect(await page.getByText('Being made').isVisible()).toBe(true);
    const copies = [{ ...COPY, name: NEW }, COPY];
    data['/v2/admin/health'] = { ...TROUBLED, backups: { ...TROUBLED.backups, running: null, copies } };
    await page.locator('#said', { hasText: 'No backup is being made any more.' }).waitFor({ state: 'attached' });
    expect(await page.getByRole('rowheader', { name: NEW }).isVisible()).toBe(true);
    expect(await page.locator('[data-live]').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Back up now' }).isVisible()).toBe(true);
  });
});
