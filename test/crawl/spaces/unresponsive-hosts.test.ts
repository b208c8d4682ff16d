import { expect, it } from 'vitest';
import { createSilence } from '../../../src/crawl/spaces/unresponsive-hosts.js';
import { failedListing, type Listing, type ListingFailure } from '../../../src/domain/model/listing.js';
import { ROOT } from '../../../src/domain/model/path.js';

const URL = 'http://dav.test:80/jm/';
const { signal } = new AbortController();

/** A storage whose listings end when they are told to. */
function openScene() {
  const time = { now: 0, lacksPlaces: false };
  const silence = createSilence(() => time.now);
  const waiting: ((listing: Listing) => void)[] = [];
  const list = () => new Promise<Listing>((resolve) => waiting.push(resolve));
  const storage = {
    open: () => {
      const never = () => Promise.reject(new Error('no'));
      return { list, probe: never, search: never, close: async () => undefined };
    },
  };
  const store = silence
    .listen({ ...storage, childUrl: () => '', lacksPlaces: () => time.lacksPlaces })
    .open({ url: URL } as never);
  const isSilentAfter = (ms: number) => {
    time.now += ms;
    return silence.isSilent('http://dav.test/kim/') && silence.origins().includes('http://dav.test');
  };
  const answer = (failure: ListingFailure) => waiting.shift()?.(failedListing(ROOT, failure, '', 1));
  const takePlaces = (areTaken: boolean) => {
    time.lacksPlaces = areTaken;
  };
  return { isSilentAfter, ask: () => store.list(ROOT, signal), answer, takePlaces };
}

it('is that of a host that has owed an answer for ten seconds, whichever space asked', async () => {
  const { isSilentAfter, ask, answer } = openScene();
  expect(isSilentAfter(60_000)).toBe(false);
  const asked = ask();
  expect(isSilentAfter(9_999)).toBe(false);
  expect(isSilentAfter(1)).toBe(true);
  answer('not-found');
  await asked;
  expect(isSilentAfter(60_000)).toBe(false);
});

it('is not ended by a timeout, but by any answer', async () => {
  const { isSilentAfter, ask, answer } = openScene();
  const first = ask();
  isSilentAfter(60_000);
  answer('timeout');
  await first;
  expect(isSilentAfter(0)).toBe(true);
  const second = ask();
  expect(isSilentAfter(0)).toBe(true);
  answer('status');
  await second;
  expect(isSilentAfter(0)).toBe(false);
});

it('is not that of a host that answers some and makes others wait', async () => {
  const { isSilentAfter, ask, answer } = openScene();
  const asked = [ask(), ask()];
  isSilentAfter(9_000);
  answer('status');
  await asked[0];
  expect(isSilentAfter(9_000)).toBe(false);
  expect(isSilentAfter(1_000)).toBe(true);
  answer('status');
  await asked[1];
});

it('is not that of a host at which others have all places, and begins once one was free', async () => {
  const { isSilentAfter, ask, answer, takePlaces } = openScene();
  takePlaces(true);
  const asked = ask();
  for (let second = 0; second < 30; second++) expect(isSilentAfter(1_000)).toBe(false);
  takePlaces(false);
  expect(isSilentAfter(8_000)).toBe(false);
  expect(isSilentAfter(2_000)).toBe(true);
  answer('status');
  await asked;
});
