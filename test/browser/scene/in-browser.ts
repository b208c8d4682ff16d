import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { browserMissing, launchBrowser, openPage, type WatchedPage } from '../../support/browser.js';
import { type Cleanup, createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';

/** What the tests of a file share. */
export interface InBrowser {
  /** Runs after each test. */
  readonly cleanup: Cleanup;
  /** Runs after all tests. */
  readonly afterAllTests: Cleanup;
  /** Returns the browser, which is there from the first `beforeAll` on. */
  readonly browser: () => Browser;
  /** Opens an empty page, which may ask this origin only, until the test ends. */
  open(origin: string, options?: BrowserContextOptions): Promise<WatchedPage>;
}

/** Defines tests that share a browser, as `describeInstalled` does where none is installed. */
export function describeInBrowser(title: string, define: (inBrowser: InBrowser) => void): void {
  describeInstalled(title, [browserMissing], () => {
    const [afterAllTests, cleanup] = [createCleanup(), createCleanup()];
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
      afterAllTests.add(() => browser.close());
    });
    afterEach(() => cleanup.run());
    afterAll(() => afterAllTests.run());
    define({
      ...{ cleanup, afterAllTests, browser: () => browser },
      async open(origin, options) {
        const watched = await openPage(browser, origin, options);
        cleanup.add(() => watched.close());
        return watched;
      },
    });
  });
}

/** Nothing went wrong on a page, and it asked nobody else for anything. */
export function expectQuiet({ errors, violations, elsewhere }: WatchedPage): void {
  expect({ errors, violations, elsewhere }).toEqual({ errors: [], violations: [], elsewhere: [] });
}
