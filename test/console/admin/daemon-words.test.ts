import { describe, expect, it } from 'vitest';
import {
  backupNotice,
  detailsText,
  reloadNotice,
  sortedOut,
  verdictOf,
} from '../../../src/console/admin/words/daemon-words.js';
import type { Finding, Severity } from '../../../src/domain/diagnosis/finding.js';
import { HEALTH } from './daemon-sample.js';

const finding = (severity: Severity, subject = '/'): Finding => {
  return { area: 'disk', subject, severity, message: 'm', action: null };
};
const failed = (required: boolean) => ({ name: 'x', ok: false, required, detail: null });
const failure = { name: 'a.db', failed_on: HEALTH.as_of, reason: 'no room' };

describe('the verdict on a daemon', () => {
  it.each([
    ['well', {}],
    ['well', { findings: [finding('ok'), finding('note')] }],
    ['warning', { findings: [finding('warning')] }],
    ['warning', { backups: { ...HEALTH.backups, last_failure: failure } }],
    ['warning', { configuration: { ...HEALTH.configuration, refused: 'line 3' } }],
    ['warning', { configuration: { ...HEALTH.configuration, pending: 'locked' } }],
    ['problem', { findings: [finding('warning'), finding('problem')] }],
    ['problem', { checks: [failed(false)] }],
    ['down', { checks: [failed(true)], findings: [finding('problem')] }],
  ])('is "%s" for %j', (verdict, change) => {
    expect(verdictOf({ ...HEALTH, ...change })).toBe(verdict);
  });
});

it('tells the gravest findings first, and keeps apart what is in order', () => {
  const found = [finding('note', 'a'), finding('ok', 'b'), finding('problem', 'c'), finding('warning', 'd')];
  const { telling, well } = sortedOut([...found, finding('problem', 'e')]);
  expect(telling.map(({ subject }) => subject).join('')).toBe('ceda');
  expect(well.map(({ subject }) => subject)).toEqual(['b']);
});

it('tells details without those that have no value', () => {
  expect(detailsText({ user: 'jm', full: true, count: 0, reason: null, note: '' })).toBe(
    'user: jm, full: true, count: 0',
  );
});

const good = <Data>(data: Data) => ({ isGood: true as const, data, meta: {} });
const refused = (detail: string) => ({ isGood: false as const, status: 409, detail });

describe('what came of a backup', () => {
  const made = { name: 'a.db', started_on: HEALTH.as_of };
  it.each([
    ['done', 'Backed up as a.db, 1 MiB.', good({ ...made, state: 'done' as const, size: 1_048_576 })],
    ['done', 'The backup is being made.', good({ ...made, state: 'running' as const, size: null })],
    ['trouble', 'Another backup is being made.', refused('another backup is being made')],
  ])('is told as %s: %s', (kind, text, answer) => {
    expect(backupNotice(answer)).toMatchObject({ kind, text: expect.stringContaining(text) });
  });
});

describe('what came of a reload', () => {
  const as = { state: 'applied' as const, changed: [], waits_for_restart: [], warnings: [], reason: null };
  it.each([
    ['done', 'The file says what is in effect already.', good(as)],
    ['done', 'Now in effect: spaces, crawl.', good({ ...as, changed: ['spaces', 'crawl'] })],
    [
      'done',
      'Now in effect: spaces. In effect after the next start: server. What is probably unintended is told below.',
      good({ ...as, changed: ['spaces', 'server'], waits_for_restart: ['server'], warnings: ['odd'] }),
    ],
    [
      'trouble',
      'The file is valid, but is not in effect yet: The index is locked. It is tried again every minute.',
      good({ ...as, state: 'pending' as const, changed: ['spaces'], reason: 'the index is locked' }),
    ],
    ['trouble', 'The configuration stays as it was: line 3.', refused('the configuration stays as it was: line 3')],
  ])('is told as %s: %s', (kind, text, answer) => {
    expect(reloadNotice(answer)).toEqual({ kind, text });
  });
});
