import { join } from 'node:path';
import type { SyncOutcome } from '../../src/domain/model/sync.js';
import { configFolder } from '../config/config-folder.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { PROCESSED } from '../support/processed.js';
import { captureIo } from './captured-io.js';

export const NOW = Date.UTC(2026, 2, 2, 10);

/** Spaces whose last syncs ended so. */
export async function spacesAfter(
  outcomes: Readonly<Record<string, Partial<SyncOutcome>>>,
  configuration = 'data: { directory: x }',
) {
  const ports = createMemoryIndex(() => NOW);
  const users = Object.keys(outcomes);
  await ports.spaces.configure(
    users.map((user) => ({ user, url: `http://127.0.0.1/${user}/` })),
    'rules',
    NOW,
  );
  for (const user of users) {
    const space = await ports.catalogue.space(user);
    const spaceId = space?.id ?? 0;
    await ports.syncs.request({ spaceId, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
    const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: 30_000 });
    if (claimed === null) throw new Error('nothing to claim');
    await ports.syncs.finish(claimed.lease, { ...PROCESSED, ...outcomes[user] });
  }
  const folder = await configFolder({ 'ovadex.yaml': configuration });
  const io = captureIo();
  const config = join(folder, 'ovadex.yaml');
  const open = async () => ({ catalogue: ports.catalogue, spaces: ports.spaces, close: async () => {} });
  const acts: unknown[] = [];
  const deps = {
    open,
    openIfAny: open,
    clock: () => NOW,
    audit: async (_config: unknown, _io: unknown, act: string, details: object, outcome = 'done') =>
      void acts.push([act, details, outcome]),
  };
  return { ports, io, config, deps, acts };
}
