import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from './process/installed.js';

/** Debian's browsers, of which one is enough. */
const PROGRAMS = ['chromium-headless-shell', 'chromium'];
const program = PROGRAMS.map(findProgram).find((found) => found !== null);

/** For `describeInstalled`: null if there is a browser. */
export const browserMissing = program === undefined ? `${PROGRAMS.join(' or ')} (Debian: ${PROGRAMS[0]})` : null;

/** Tests run as root in containers, where Chromium's sandbox cannot be; it looks for nothing of its own on the network. */
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-default-browser-check'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
/** What a page does takes a second at most; a busy machine may take longer. */
const WITHIN_MS = 60_000;
/** The folder that pictures are written to; without it none is taken. */
const PICTURES = process.env['BROWSER_PICTURES'];

/** Starts a browser, which a file of tests shares: it is whoever starts it that closes it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ ...(program !== undefined && { executablePath: program }), args: ARGS });
}

/** A page and whatever went wrong on it, each in words. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on its console, and exceptions that nothing caught. */
  readonly errors: readonly string[];
  /** What its Content-Security-Policy has refused. */
  readonly violations: readonly string[];
  /** Requests to other origins, none of which leaves this machine: they are refused. */
  readonly elsewhere: readonly string[];
  /** Every request to its own origin: method and path. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens an empty page with storage and cookies of its own, which may ask this origin only. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(WITHIN_MS);
  const errors: string[] = [];
  const violations: string[] = [];
  const elsewhere: string[] = [];
  const requests: string[] = [];
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === origin) requests.push(`${request.method()} ${url.pathname}`);
  });
  context.on('weberror', (error) => errors.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await context.exposeFunction('reportViolation', (violation: string) => violations.push(violation));
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    reportViolation(event.effectiveDirective + ': ' + (event.blockedURI || event.sample)))`);
  const page = await context.newPage();
  return { page, errors, violations, elsewhere, requests, close: () => context.close() };
}

/** Writes what a page looks like into the folder that `BROWSER_PICTURES` names, for somebody to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined || PICTURES === '') return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
