import { describe, expect, it } from 'vitest';
import { atAGlance } from '../../src/domain/diagnosis/at-a-glance.js';
import { SPACE_STATES } from '../../src/domain/lists/space-states.js';
import { SYNC_MODES } from '../../src/domain/lists/sync-list.js';
import type { Description } from '../../src/domain/ports/description-store.js';
import { auditToJson, backupToJson, healthToJson, reloadToJson } from '../../src/wire/daemon.js';
import { forgottenToJson } from '../../src/wire/departed.js';
import { foundImageToJson, heldImageToJson, imageToJson, OVF_COLUMNS, withOvf } from '../../src/wire/image.js';
import { deletedImageToJson } from '../../src/wire/image-changes.js';
import { withDetails } from '../../src/wire/image-details.js';
import { linkToJson, unlinkedToJson } from '../../src/wire/link.js';
import { overviewToJson } from '../../src/wire/overview.js';
import { heldRemovalToJson, spaceToJson, withSpaceDetails } from '../../src/wire/space.js';
import { clientAdminSyncToJson, clientSyncToJson, syncTicketToJson } from '../../src/wire/sync.js';
import { clientTokenToJson, createdTokenToJson, sessionTokenToJson } from '../../src/wire/token.js';
import { MEASURED } from '../http/api-scene.js';
import { HEALTH } from '../support/administration.js';
import { described } from '../support/readings.js';
import { propertiesOf } from './api-document.js';
import { A_HELD_IMAGE, A_LOOK, A_SHORT, A_SPACE, A_SYNC, A_TOKEN, AN_IMAGE, NOW } from './samples.js';

const A_READING: Description = {
  state: 'ok',
  reasons: [],
  notes: [],
  reading: described(),
  cost: { requests: 1, bytes: 32_768 },
  readAt: NOW,
};
const keysOf = (json: object) => Object.keys(json);

describe('the API', () => {
  it.each<[schema: string, json: object]>([
    ['Image', withOvf(imageToJson(AN_IMAGE), AN_IMAGE)],
    ['FoundImage', withOvf(foundImageToJson(AN_IMAGE), AN_IMAGE)],
    ['HeldImage', heldImageToJson(A_HELD_IMAGE)],
    ['DeletedImage', deletedImageToJson({ ...A_HELD_IMAGE, removedAt: NOW })],
    ['HeldRemoval', heldRemovalToJson(A_SPACE)],
    ['Space', spaceToJson(A_SPACE, 'held', A_LOOK, NOW)],
    [
      'SpaceDetails',
      withSpaceDetails(spaceToJson(A_SPACE, 'held', A_LOOK, NOW), A_SPACE, { last: null, running: null }),
    ],
    ['Sync', clientSyncToJson(A_SYNC, NOW)],
    ['AdminSync', clientAdminSyncToJson(A_SYNC, NOW)],
    ['SyncTicket', syncTicketToJson(A_SYNC, 'https://api.example/68')],
    ['Token', clientTokenToJson(A_TOKEN, { now: NOW, url: 'https://api.example/5', currentId: 5 })],
    [
      'CreatedToken',
      createdTokenToJson('ovx_', clientTokenToJson(A_TOKEN, { now: NOW, url: 'https://api.example/5', currentId: 5 })),
    ],
    ['SessionToken', sessionTokenToJson('jm', { token: 'a', expiresAt: NOW, lifetimeMs: 1_000 })],
    ['Overview', overviewToJson(atAGlance(MEASURED, [], { held: [], suspended: [], failing: [] }, NOW))],
    ['Health', healthToJson(HEALTH, NOW)],
    ['AuditEntry', auditToJson({ time: NOW, host: 'h', act: 'a', by: 'b', from: 'c', details: {}, outcome: 'done' })],
    ['Backup', backupToJson({ state: 'running', name: 'a', startedAt: NOW })],
    ['Reload', reloadToJson({ state: 'applied', changed: [], waitsForRestart: [], warnings: [], reason: null })],
    ['Link', linkToJson({ link: null, isReadable: true, pending: null, failure: null, isTaken: false }, null)],
    ['Unlinked', unlinkedToJson(null)],
    ['Forgotten', forgottenToJson({ user: 'jm', images: 1, collections: 1, syncs: 1, tokens: 1 })],
  ])('documents of %s what is answered, and no more', (schema, json) => {
    expect([...propertiesOf(schema).keys()]).toEqual(keysOf(json));
  });

  it('documents what an image is, in short and by its id', () => {
    const { ovf } = withOvf(imageToJson(AN_IMAGE), { ...AN_IMAGE, short: A_SHORT });
    expect(Object.keys(propertiesOf('Image').get('ovf')?.properties ?? {})).toEqual(keysOf(ovf ?? {}));
    expect(OVF_COLUMNS).toEqual(keysOf(ovf ?? {}));
    const details = withDetails(foundImageToJson(AN_IMAGE), A_READING);
    expect([...propertiesOf('FoundImageDetails').keys()]).toEqual(keysOf(details));
    const documented = propertiesOf('FoundImageDetails').get('ovf')?.properties ?? {};
    expect(Object.keys(documented)).toEqual(keysOf(details.ovf ?? {}));
  });

  it('documents the states and modes that there are', () => {
    expect(new Set(propertiesOf('Space').get('state')?.enum)).toEqual(new Set(SPACE_STATES));
    expect(new Set(propertiesOf('Sync').get('mode')?.enum)).toEqual(new Set(SYNC_MODES));
  });
});
