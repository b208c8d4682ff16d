import { expect, onTestFinished } from 'vitest';
import { readSecretFile } from '../../src/config/source/secret-file.js';
import type { Listing, ListingFailure } from '../../src/domain/model/listing.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Credentials, SpaceSettings } from '../../src/domain/model/space.js';
import type { RemoteStore } from '../../src/domain/ports/remote-store.js';
import { createWebdav, type Webdav, type WebdavOptions } from '../../src/webdav/client.js';
import { type DavServer, type DavServerOptions, startDavServer } from '../support/dav-server/dav-server.js';

/** Long enough for a busy machine; tests of a timeout shorten the one they want to see. */
const TIMEOUTS = { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 };

/** A client whose waits between attempts take no time; `waits` has them. */
export function createTestWebdav(options: Partial<WebdavOptions> = {}): Webdav & { waits: number[] } {
  const waits: number[] = [];
  let now = Date.UTC(2026, 10, 23);
  const webdav = createWebdav({
    timeouts: TIMEOUTS,
    requestsPerHost: 4,
    exclude: () => false,
    readSecret: readSecretFile,
    clock: () => now,
    steadyClock: () => now,
    random: () => 1,
    userAgent: 'ovadex/test',
    async sleep(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    ...options,
  });
  onTestFinished(() => webdav.close());
  return { ...webdav, waits };
}

/** A fake server and a store on its root; both end with the test. */
export async function openStore(
  server: DavServerOptions = {},
  options: Partial<WebdavOptions> = {},
  auth: Credentials = { type: 'none' },
): Promise<{ dav: DavServer; store: RemoteStore; waits: number[] }> {
  const dav = await startDavServer(server);
  onTestFinished(() => dav.close());
  const webdav = createTestWebdav(options);
  return { dav, store: webdav.open({ url: dav.url, auth }), waits: webdav.waits };
}

/** A store on whatever listens there, as plain as can be where nothing else is said. */
export function openAt(
  url: string,
  { webdav = createTestWebdav(), ...space }: { webdav?: Webdav } & Partial<Pick<SpaceSettings, 'auth' | 'connection'>>,
): RemoteStore {
  return webdav.open({ url, auth: { type: 'none' }, ...space });
}

export const NEVER = new AbortController().signal;
export const IMAGES = 'images' as ResourcePath;

/** The listing's failure; it must have one, and then nothing else. */
export function failureOf(listing: Listing): { failure: ListingFailure; detail: string } {
  expect(listing).toMatchObject({ images: [], collections: [], guarded: [], memberCount: 0, marker: null });
  if (listing.verdict.complete) throw new Error('the listing is complete');
  return listing.verdict;
}
