import { expect, it, vi } from 'vitest';
import type { AdministrationDeps } from '../../../src/app/admin/administration.js';
import { createAdministration } from '../../../src/app/admin/administration.js';
import { quietLogger } from '../../support/quiet-logger.js';

// Its thread is there in the built program only.
vi.mock('../../../src/config/shown-apart.js', () => ({ shownTextApart: async () => '' }));

it('tells of each check as it is now, however long the one before had to wait in vain', async () => {
  let isWell = false;
  let examined = 0;
  const administration = createAdministration({
    checkHealth: async () => [{ name: 'crawler', ok: isWell, required: false, detail: null }],
    examine: async () => {
      examined++;
      return [];
    },
    facts: async () => ({ file: '/data/ovadex.db' }),
    config: { current: () => ({ spaces: [] }), standing: () => ({}) },
    backups: { directory: '/backups', keep: 1 },
    ...{ startedAt: 0, clock: () => 7, logger: quietLogger },
  } as unknown as AdministrationDeps);
  const isToldWell = async () => (await administration.health()).checks.map(({ ok }) => ok);
  expect(await isToldWell()).toEqual([false]);
  isWell = true;
  expect(await isToldWell()).toEqual([true]);
  expect(examined, 'what takes work is looked at once for both').toBe(1);
});
