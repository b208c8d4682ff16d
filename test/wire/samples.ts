import type { ShortDescription } from '../../src/domain/description/short-description.js';
import type { HeldImage } from '../../src/domain/lists/held-list.js';
import type { FoundImage } from '../../src/domain/lists/image-search.js';
import { awaitedSpace } from '../../src/domain/lists/space-states.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Space } from '../../src/domain/model/space.js';
import type { Sync } from '../../src/domain/model/sync.js';
import type { TokenRecord } from '../../src/domain/model/token.js';
import { lookOf, NO_CONTEXT } from '../../src/domain/policy/space-look.js';

export const NOW = Date.UTC(2026, 2, 2, 10, 0, 0, 123);

export const AN_IMAGE: FoundImage = {
  id: 7,
  user: 'jm',
  path: 'lab/x.ova' as ResourcePath,
  name: 'x.ova',
  sizeBytes: 12,
  createdAt: NOW,
  updatedAt: NOW,
  modifiedAt: null,
  isSettled: true,
  state: 'unknown',
};

export const A_SHORT: ShortDescription = {
  product: 'Ubuntu Server',
  version: '24.04',
  os: 'ubuntu64Guest',
  family: 'linux',
  cpus: 2,
  memoryMib: 2_048,
  diskCount: 1,
  capacityBytes: 10_737_418_240,
};

export const A_HELD_IMAGE: HeldImage = {
  id: 7,
  path: 'lab/x.ova' as ResourcePath,
  name: 'x.ova',
  sizeBytes: 12,
  missedSince: NOW,
};

export const A_SPACE: Space = {
  ...awaitedSpace({ user: 'jm', url: 'http://127.0.0.1/jm/' }),
  trouble: { kind: 'failed', message: 'no answer', at: NOW },
  heldRemovals: 3,
  heldReasons: ['the root is empty'],
};

export const A_LOOK = lookOf({ ...A_SPACE, lastSuccessAt: NOW, nextSyncAt: NOW + 900_000 }, NO_CONTEXT, true);

export const A_SYNC: Sync = {
  id: 68,
  taskId: '6f2f2c0e-5f0f-4f38-8a54-0d7f1f0c9f11',
  spaceId: 1,
  user: 'jm',
  mode: 'full',
  trigger: 'request',
  requestedBy: 'ops',
  targets: [],
  status: 'IN_PROGRESS',
  counts: { collections: 20, failures: 1, images: 30, requests: 22, added: 3, altered: 2, removed: 1 },
  waiting: 4,
  expected: 63,
  createdAt: NOW - 9_000,
  updatedAt: NOW,
  startedAt: NOW - 9_000,
  endedAt: null,
  errors: ['no answer'],
  warnings: ['/lab: 403'],
};

export const A_TOKEN: TokenRecord = {
  id: 5,
  user: 'jm',
  hash: 'never shown',
  scopes: ['admin'],
  createdAt: NOW - 60_000,
  expiresAt: NOW + 60_000,
  revokedAt: null,
  name: 'nightly',
  usedAt: NOW - 1_000,
  disabledAt: NOW,
  logInSpace: null,
};
