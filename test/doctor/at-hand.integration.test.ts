import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Index, openIndex } from '../../src/app/open-index.js';
import type { Config } from '../../src/config/schema.js';
import { examineAtHand } from '../../src/doctor/at-hand.js';
import { NO_FINDINGS } from '../../src/domain/model/markers.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';
import { layEmptyIndex, temporaryDirectory } from '../sqlite/temporary-index.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const FAILED: SyncOutcome = {
  ...{ status: 'ERROR', counts: NO_COUNTS, errors: ['no answer'], warnings: [], isUnauthorized: false },
  ...{ heldRemovals: null, heldReasons: [], findings: NO_FINDINGS },
};

let directory: ReturnType<typeof temporaryDirectory>;
let index: Index;
let config: Config;
beforeEach(async () => {
  directory = temporaryDirectory();
  const data = { directory: directory.path, keepBackups: 3, replicated: false };
  layEmptyIndex(directory.path);
  index = await openIndex({ data }, { clock: () => NOW });
  const link = { origins: [], keyFile: null };
  config = { data, link, spaces: [], discoveries: [], userFolders: [], webhooks: [] } as unknown as Config;
});
afterEach(async () => {
  await index.close();
  directory.remove();
});

const configure = (...users: readonly string[]) =>
  index.spaces.configure(
    users.map((user) => ({ user, url: `http://dav.test/${user}/` })),
    'rules',
    NOW,
  );
async function end(user: string, outcome: Partial<SyncOutcome>) {
  const spaceId = (await index.catalogue.space(user))?.id ?? 0;
  const request = { mode: 'full', trigger: 'command', requestedBy: null, targets: [] } as const;
  const { id } = await index.syncs.request({ ...request, spaceId });
  const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 30_000, syncId: id });
  if (claimed === null) throw new Error('nothing to claim');
  await index.syncs.finish(claimed.lease, { ...FAILED, ...outcome });
}
const told = async () =>
  (await examineAtHand(config, index))
    // How much room there is, is a matter of the machine.
    .filter(({ area, severity }) => area !== 'disk' && severity !== 'ok')
    .map(({ area, subject, severity }) => [area, subject, severity]);

it('finds nothing wrong with a daemon that is well, but tells what it has looked at', async () => {
  await configure('jm');
  expect(await told()).toEqual([]);
  expect((await examineAtHand(config, index)).map(({ area }) => area)).toEqual(
    expect.arrayContaining(['files', 'disk']),
  );
});

it('tells of spaces that need a person, the first five of each kind', async () => {
  const failing = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  await configure('held', 'locked', ...failing);
  await end('held', { status: 'PROCESSED', errors: [], heldRemovals: 2, heldReasons: ['all of them'] });
  await end('locked', { isUnauthorized: true });
  for (const user of failing) await end(user, {});
  const users = (await told()).filter(([area]) => area === 'space').map(([, subject]) => subject);
  expect(users).toEqual(['locked', 'held', 'a', 'b', 'c', 'd', 'e']);
});

it('tells of users who have left', async () => {
  await configure('jm', 'lab');
  await configure('jm');
  expect(await told()).toEqual([['index', 'ovadex.db', 'note']]);
});
