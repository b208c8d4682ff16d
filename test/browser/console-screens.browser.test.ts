import { expect, it } from 'vitest';
import { accessibilityFaults } from '../support/accessibility.js';
import { takePicture, type WatchedPage } from '../support/browser.js';
import { describeInBrowser } from './scene/in-browser.js';
import { type Indexed, startIndexed } from './scene/indexes.js';
import { coldBytes, layoutShift, sidewaysPx } from './scene/looks.js';
import { signInByToken } from './scene/sign-in.js';

/** Colours that fade from one scheme to the other would be measured in between. */
const STILL = { reducedMotion: 'reduce' } as const;
const DESK = { ...STILL, viewport: { width: 1280, height: 900 } };
const PHONE = { ...STILL, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const SCHEMES = ['light', 'dark'] as const;

const FOR_USERS = ['/images', '/images?name=zzz', '/why', '/why?q=gone.ova', '/space', '/nowhere'];
/** Of a user who has images. */
const OF_USERS = ['/images/1', '/images?page=2&sort=size,desc', '/space/tokens/1/end'];
const FOR_ADMINISTRATORS = ['', '/spaces', '/syncs', '/search', '/search?name=zzz', '/health', '/forget?user=user0'];
const OF_SPACES = [
  ...['/spaces?state=trouble', '/spaces?user=zzz', '/spaces/user0', '/spaces/user1', '/spaces/user2'],
  ...['/spaces/user0/held', '/syncs/1', '/syncs/2', '/search?name=ubuntu-server', '/search?name=ova&user=user0'],
].map((path) => `/admin${path}`);

/** Chromium's own score; 0.1 is what it calls good. */
const MOST_SHIFT = 0.02;
/** What a first look costs on a slow line: page, style sheet, scripts; the largest pages have plots. */
const MOST_BYTES = 100_000;

describeInBrowser('every screen', (inBrowser) => {
  /** Looks at a page in light and dark, and returns all that is wrong with it, each in a line. */
  const faultsOf = async ({ page, errors, violations, elsewhere }: WatchedPage, url: string, name: string) => {
    const before = [errors.length, violations.length, elsewhere.length];
    const response = await page.goto(url);
    const faults: string[] = [];
    const shift = await layoutShift(page);
    if (shift > MOST_SHIFT) faults.push(`its layout shifts by ${shift}`);
    const bytes = await coldBytes(page);
    if (bytes > MOST_BYTES) faults.push(`it takes ${bytes} bytes`);
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      await takePicture(page, `${name}-${scheme}`);
      const sideways = await sidewaysPx(page);
      if (sideways > 0) faults.push(`${scheme}: it scrolls sideways by ${sideways} px`);
      const found = await accessibilityFaults(page, [], { onlyColours: scheme === 'dark' });
      faults.push(...found.map((fault) => `${scheme}: ${fault}`));
    }
    const told = [errors, violations, elsewhere].flatMap((list, i) => list.slice(before[i]));
    // Chromium reports every status of an error on its console.
    const isRefused = (response?.status() ?? 0) >= 400;
    faults.push(...told.filter((text) => !isRefused || !text.includes('Failed to load resource')));
    return faults.map((fault) => `${name}: ${fault}`);
  };

  const lookAround = async (indexed: Indexed, rows: number, place: string, options: typeof DESK) => {
    const faults: string[] = [];
    const look = async (watched: WatchedPage, paths: readonly string[]) => {
      for (const path of paths) {
        const name = `screens${path.replace(/\W+/g, '-')}-${rows}-${place}`;
        faults.push(...(await faultsOf(watched, `${indexed.url}/console${path}`, name)));
      }
    };
    for (const who of ['user', 'admin'] as const) {
      const watched = await inBrowser.open(indexed.url, options);
      if (who === 'user') await look(watched, ['/sign-in']);
      await signInByToken(watched.page, indexed.url, indexed[who]);
      const own = who === 'user' ? FOR_USERS : FOR_ADMINISTRATORS.map((path) => `/admin${path}`);
      await look(watched, [...own, ...(rows === 0 ? [] : who === 'user' ? OF_USERS : OF_SPACES)]);
    }
    return faults;
  };

  it.each([0, 3, 100_000])('is in order on desk and phone, light and dark: %i rows', async (rows) => {
    const indexed = await startIndexed(rows);
    inBrowser.cleanup.add(indexed.end);
    const desk = await lookAround(indexed, rows, 'desk', DESK);
    const phone = await lookAround(indexed, rows, 'phone', PHONE);
    expect([...desk, ...phone]).toEqual([]);
  });
});
