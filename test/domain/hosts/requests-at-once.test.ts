import { expect, test } from 'vitest';
import { type RequestsPerHostSetting, requestsAtOnce } from '../../../src/domain/hosts/requests-at-once.js';

test.for<[RequestsPerHostSetting, boolean, number, number]>([
  ['auto', false, 16, 16],
  ['auto', true, 3, 1],
  [8, false, 8, 8],
  [8, true, 6, 2],
  [16, true, 12, 4],
  [3, true, 2, 1],
  [2, true, 1, 1],
  [1, true, 1, 1],
  [1, false, 1, 1],
])('with requestsPerHost %s (Nextcloud: %s) a crawl sends %i at a time, log-ins %i', ([setting, isLike, ...atOnce]) => {
  expect([requestsAtOnce(setting, 'crawl', isLike), requestsAtOnce(setting, 'log-in', isLike)]).toEqual(atOnce);
});
