import type { Page } from 'playwright-core';

/** By how much a page has moved by itself since it was opened: Chromium's cumulative layout shift. */
export async function layoutShift(page: Page): Promise<number> {
  return await page.evaluate<number>(`new Promise((resolve) => {
    let score = 0;
    const add = (entries) => { for (const entry of entries) if (!entry.hadRecentInput) score += entry.value; };
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    // Two frames later whatever scripts have done is painted.
    requestAnimationFrame(() => requestAnimationFrame(() => { add(observer.takeRecords()); resolve(score); }));
  })`);
}

/** How far a page can be scrolled sideways, which nobody should have to. */
export async function sidewaysPx(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Bytes of a page and of all it loads but the library that draws plots, as if nothing had been kept, as they are sent. */
export async function coldBytes(page: Page): Promise<number> {
  return await page.evaluate<number>(`[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !name.includes('/live') && !name.includes('/uPlot.'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);
}
