import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { SPACE_STATES } from '../../src/domain/lists/space-states.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { openScriptedConsole } from './scene/scripted-console.js';

const PHONE = { viewport: { width: 390, height: 844 } };
const HOUR_MS = 3_600_000;
const THIS_HOUR = Date.UTC(2026, 10, 24, 12);
const hourBefore = (hours: number) => new Date(THIS_HOUR - hours * HOUR_MS).toISOString();
const NOBODY = { count: 0, users: [] };
const OVERVIEW = {
  spaces_by_state: Object.fromEntries(SPACE_STATES.map((state) => [state, 3])),
  ...{ images: 1_200, collections: 4_000, size: 5e12, size_as_of: hourBefore(0), oldest: null },
  ...{ waiting_syncs: 0, running_syncs: 0 },
  attention: { held: NOBODY, suspended: NOBODY, failing: NOBODY, webhooks: [] },
  storage_requests: { outcomes: {}, latency: [], total_seconds: 0 },
  hours: Array.from({ length: 48 }, (_, at) => ({
    ...{ hour: hourBefore(47 - at), syncs: 300 + 90 * (at % 5), failed: at % 11 === 3 ? 4 : 0 },
    ...{ added: at === 20 ? 4_000 : at % 3, deleted: 0 },
  })),
  history: Array.from({ length: 400 }, (_, at) => ({
    ...{ hour: hourBefore(24 * (400 - at)), spaces: 100, images: 800 + at, size: 3e12 + 5e9 * at },
  })),
};

/** How dark and light the points of a drawing are: the share that is not empty, and the colours there are. */
const PAINTED = `[...document.querySelectorAll('.plot canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 250) colours.add([data[at], data[at + 1], data[at + 2]].join());
  return [...colours];
})`;
const COLOURS = {
  light: { accent: '11,92,173', bad: '168,32,26' },
  dark: { accent: '124,184,242', bad: '243,154,146' },
};

describeInBrowser('plots', (inBrowser) => {
  /** Serves the console over an API with a past, and shows its overview. */
  const show = (options: BrowserContextOptions = {}, isMissing?: (url: string) => boolean) => {
    const data = { '/v2/admin/overview': OVERVIEW };
    return openScriptedConsole(inBrowser, data, {
      ...{ clock: () => THIS_HOUR, options },
      ...(isMissing && { isMissing }),
    });
  };
  const drawn = (page: Page) => page.locator('.behind-plots.ready').nth(1).waitFor({ state: 'attached' });

  it.each([
    ['desk', 'light', {}],
    ['desk', 'dark', {}],
    ['phone', 'light', PHONE],
    ['phone', 'dark', PHONE],
  ] as const)(
    'are drawn in the colours of the page, which does not move: %s, %s',
    async (place, colorScheme, options) => {
      const { page, errors, violations, elsewhere } = await show({ ...options, colorScheme });
      await drawn(page);
      expect(await page.locator('.plot canvas').count()).toBe(5);
      const painted = (await page.evaluate(PAINTED)) as readonly (readonly string[])[];
      const { accent, bad } = COLOURS[colorScheme];
      expect(painted[0]).toEqual(expect.arrayContaining([accent, bad]));
      expect(painted[3]).toContain(accent);
      expect(await page.locator('details.behind-plots[open]').count()).toBe(0);
      await takePicture(page, `console-plots-${place}-${colorScheme}`);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(await page.evaluate(MOVED)).toBeLessThan(0.01);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect({ errors, violations, elsewhere }).toEqual({ errors: [], violations: [], elsewhere: [] });
    },
  );

  it('follow the system from light to dark, and the window', async () => {
    const { page } = await show({ colorScheme: 'light' });
    await drawn(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    // By single evaluations: the policy of the page forbids what would wait within it.
    await expect.poll(() => page.evaluate(`(${PAINTED})[0].includes('${COLOURS.dark.accent}')`)).toBe(true);
    await page.setViewportSize(PHONE.viewport);
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('tell what the table has below the cursor, at the time of the person’s own zone', async () => {
    const { page } = await show({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    await drawn(page);
    const plot = page.locator('.plot').first();
    const told = plot.locator('[data-told]');
    expect(await told.textContent()).toBe('up to 660');
    const { width } = (await plot.locator('.u-over').boundingBox()) ?? { width: 0 };
    await plot.locator('.u-over').hover({ position: { x: width - 3, y: 20 } });
    // 12:00 UTC
    await plot.getByText('480 · 24 Nov 2026, 21:00').waitFor();
    await page.getByRole('heading', { level: 1 }).hover();
    await plot.getByText('up to 660').waitFor();
  });

  it('are not there without scripts, but their tables are', async () => {
    const { page } = await show({ javaScriptEnabled: false });
    expect(await page.locator('.plot').first().isVisible()).toBe(false);
    expect(await page.getByRole('cell', { name: '4,000' }).isVisible()).toBe(true);
  });

  it('give way to their tables if the library cannot be loaded', async () => {
    const { page } = await show({}, (url) => url.includes('uPlot'));
    await drawn(page);
    expect(await page.locator('.plot').first().isVisible()).toBe(false);
    expect(await page.getByRole('cell', { name: '4,000' }).isVisible()).toBe(true);
  });

  it('load their library on pages that have any', async () => {
    const { page, url, requests } = await show();
    await drawn(page);
    expect(requests.filter((request) => request.endsWith('uPlot.iife.min.js'))).toHaveLength(1);
    const before = requests.length;
    await page.goto(`${url}/admin/forget`);
    expect(requests.slice(before).filter((request) => request.includes('uPlot'))).toEqual([]);
  });
});

/** The sum of all layout shifts of the page. */
const MOVED = `new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0))).observe({
    type: 'layout-shift',
    buffered: true,
  });
  setTimeout(() => resolve(0), 500);
})`;
