import { expect, test } from 'vitest';
import { isKept, isOfIndex } from '../../src/app/backup-target.js';

test.each([
  ['ovadex.db', true],
  ['ovadex.db-wal', true],
  ['ovadex.db-shm', true],
  ['ovadex.db-journal', true],
  ['ovadex.db.replaced-20300101T000000000Z', true],
  ['ovadex.db.orphaned-wal', true],
  ['ovadex.db.bak', false],
  ['ovadex.db-2030', false],
  ['old-ovadex.db', false],
  ['copy.db', false],
])('whether %s is of the index: %s', (name, is) => {
  expect(isOfIndex(name, 'ovadex.db')).toBe(is);
});

test.each([
  ['token.key', true],
  ['link.key', true],
  ['daemon.lock', true],
  ['daemon.lock-journal', true],
  ['audit.log', true],
  ['audit.log.1', true],
  ['tokens.db', false],
  ['my-audit.log', false],
])('whether %s is something else that is kept in the data directory: %s', (name, is) => {
  expect(isKept(name)).toBe(is);
});
