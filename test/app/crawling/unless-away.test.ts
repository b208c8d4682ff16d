import { expect, it } from 'vitest';
import { unlessAway } from '../../../src/app/crawling/unless-away.js';
import { OvadexError, PassingTrouble } from '../../../src/domain/model/errors.js';

it('tells what can be read, nothing while the database is away, and every other error', async () => {
  const bug = new TypeError('a bug');
  const damage = new OvadexError('index', 'the file is damaged');
  expect(await unlessAway(async () => ({ totals: 1 }))).toEqual({ totals: 1 });
  expect(await unlessAway(() => Promise.reject(new PassingTrouble('it is away')))).toEqual({});
  await expect(unlessAway(() => Promise.reject(bug))).rejects.toBe(bug);
  await expect(unlessAway(() => Promise.reject(damage))).rejects.toBe(damage);
});
