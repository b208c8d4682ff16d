import { expect, it } from 'vitest';
import {
  FOUND_IMAGE_COLUMNS,
  foundImageToJson,
  heldImageToJson,
  IMAGE_COLUMNS,
  imageToJson,
} from '../../src/wire/image.js';
import { oldSyncKeys, oldTokenKeys } from '../../src/wire/old-keys.js';
import { heldRemovalToJson, ownSpaceToJson, spaceToJson } from '../../src/wire/space.js';
import { adminSyncToJson, clientSyncToJson, syncToJson } from '../../src/wire/sync.js';
import { timestamp, timestampInSeconds } from '../../src/wire/timestamp.js';
import { adminTokenToJson, clientTokenToJson, sessionTokenToJson, tokenToJson } from '../../src/wire/token.js';
import { A_HELD_IMAGE, A_LOOK, A_SPACE, A_SYNC, A_TOKEN, AN_IMAGE, NOW } from './samples.js';

it('writes times to the millisecond, or to the second for those who read no fractions', () => {
  expect(timestamp(NOW)).toBe('2026-03-02T10:00:00.123Z');
  expect(timestampInSeconds(NOW)).toBe('2026-03-02T10:00:00Z');
  expect([timestamp(null), timestampInSeconds(null)]).toEqual([null, null]);
});

it('writes an image, and names its columns in their order', () => {
  const json = imageToJson(AN_IMAGE, timestampInSeconds);
  expect(json).toMatchObject({ id: 7, size: 12, created_on: '2026-03-02T10:00:00Z', modified_on: null, settled: true });
  expect(Object.keys(json)).toEqual(IMAGE_COLUMNS);
  expect(Object.keys(foundImageToJson(AN_IMAGE))).toEqual(FOUND_IMAGE_COLUMNS);
  expect(heldImageToJson(A_HELD_IMAGE)).toMatchObject({ size: 12, missed_since: '2026-03-02T10:00:00.123Z' });
});

it('writes a space, and what its own user is told', () => {
  expect(spaceToJson(A_SPACE, 'held', A_LOOK, NOW)).toMatchObject({
    state: 'held',
    last_error: { kind: 'failed', message: 'no answer', on: '2026-03-02T10:00:00.123Z' },
    held_removals: 3,
    pruning: 'learning',
    age_seconds: null,
    expected_age_seconds: null,
    changes_per_day: 1,
    look_interval_seconds: 900,
    look: 'walk',
    is_linked: false,
  });
  const seen = { ...A_SPACE, lastSuccessAt: NOW - 86_400_000 };
  expect(spaceToJson(seen, 'fresh', A_LOOK, NOW)).toMatchObject({ age_seconds: 86_400, expected_age_seconds: 32_000 });
  expect(ownSpaceToJson(A_SPACE, 'held')).toEqual({
    state: 'held',
    images: 0,
    synced_on: null,
    url: A_SPACE.url,
    next_sync_on: null,
  });
  expect(heldRemovalToJson(A_SPACE)).toEqual({ removals: 3, refused: false, reasons: ['the root is empty'] });
});

it('writes a sync with its pace while it runs, and without what is left once it has ended', () => {
  expect(syncToJson(A_SYNC, NOW)).toMatchObject({
    username: 'jm',
    added: 3,
    changed: 2,
    deleted: 1,
    expected_collections: 63,
    collections_per_second: 2.3,
    seconds_left: 18,
    message: { errors: ['no answer'], warnings: ['/lab: 403'] },
  });
  const ended = syncToJson({ ...A_SYNC, endedAt: NOW }, NOW + 60_000);
  expect(ended).toMatchObject({ collections_per_second: 2.3, seconds_left: null });
});

it('writes a sync for clients of the VSS API, and for those who may know who asked', () => {
  expect(clientSyncToJson(A_SYNC, NOW)).toEqual({
    ...syncToJson(A_SYNC, NOW),
    type: 'VM',
    user: { username: 'jm' },
  });
  expect(adminSyncToJson(A_SYNC, NOW)).toEqual({
    ...syncToJson(A_SYNC, NOW),
    trigger: 'request',
    requested_by: 'ops',
    duration_seconds: 9,
  });
});

it('writes a token without its hash', () => {
  const json = tokenToJson(A_TOKEN, NOW);
  expect(json).toMatchObject({ state: 'disabled', valid: false, duration: 120, updated_on: timestamp(NOW) });
  const own = clientTokenToJson(A_TOKEN, { now: NOW, url: 'https://api.example/5', currentId: 5 });
  expect(own).toMatchObject({ ...json, active: false, is_current: true, expiration: json.expires_on });
  expect(own.status).toMatchObject({ created_on: json.created_on, last_access: json.last_access, valid: false });
  expect(adminTokenToJson(A_TOKEN, NOW)).toMatchObject({ ...json, user: 'jm', disabled_on: timestamp(NOW) });
  expect(JSON.stringify([json, own, adminTokenToJson(A_TOKEN, NOW)])).not.toContain('never shown');
});

it('writes when a revoked token was revoked as the time of its last change', () => {
  expect(tokenToJson({ ...A_TOKEN, revokedAt: NOW + 5 }, NOW).updated_on).toBe(timestamp(NOW + 5));
});

it('writes what a log-in answers', () => {
  const session = sessionTokenToJson('jm', { token: 'a.b.c', expiresAt: NOW, lifetimeMs: 60_000 });
  expect(session).toMatchObject({ token: 'a.b.c', duration: 60, exp: NOW / 1_000, valid_until: timestamp(NOW) });
});

it('says under its old keys what it says under the new ones', () => {
  const sync = syncToJson(A_SYNC, NOW);
  expect(oldSyncKeys(sync)).toEqual({
    user: 'jm',
    altered: 2,
    removed: 1,
    expected: 63,
    errors: ['no answer'],
    warnings: ['/lab: 403'],
  });
  expect(oldTokenKeys(tokenToJson(A_TOKEN, NOW))).toEqual({ log_in: false, last_used_on: timestamp(NOW - 1_000) });
});
