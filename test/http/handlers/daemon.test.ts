import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Administration } from '../../../src/domain/ports/administration.js';
import { HEALTH } from '../../support/administration.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { administrationOver, bodyOf, createApiScene, NOW } from '../api-scene.js';

function sceneWith(given: Partial<Administration> = {}) {
  const index = createMemoryIndex(() => NOW);
  const scene = createApiScene({ administration: administrationOver(index, undefined, given) }, index);
  const asRoot = async (path: string, init: RequestInit = {}) =>
    await scene.ask(await scene.tokenFor('root', ['admin']), path, init);
  return { ...scene, asRoot, post: (path: string) => asRoot(path, { method: 'POST' }) };
}

const NAME = 'ovadex-20261124T120000000Z.db';
const BEGUN = { name: NAME, startedAt: NOW } as const;

describe('the health of a daemon', () => {
  it('is told with its copies, its configuration and what is wrong', async () => {
    const copy = {
      name: NAME,
      sizeBytes: 8,
      madeAt: NOW,
      schema: null,
      isBeforeMigration: true,
      problem: 'it is empty',
    };
    const scene = sceneWith({
      health: async () => ({
        ...HEALTH,
        backups: {
          ...{ directory: '/b', keep: 2, copies: [copy], running: BEGUN },
          lastFailure: { name: NAME, failedAt: NOW, reason: 'no room' },
        },
        configuration: { ...HEALTH.configuration, waitsForRestart: ['log'], refused: 'line 3', spacesLeftOut: 7 },
        findings: [{ area: 'disk', subject: '/b', severity: 'problem', message: 'full', action: 'make room' }],
      }),
    });
    const response = await scene.asRoot('/v2/admin/health');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect((await bodyOf(response)).data).toMatchObject({
      as_of: '2026-11-24T12:00:00.000Z',
      ...{ version: '1.2.3', node: '20.20.0', sqlite: '3.50.4' },
      ...{ started_on: '2026-11-23T12:00:00.000Z', uptime_seconds: 86_400 },
      database: { engine: 'SQLite 3.50.4', schema: 23, size: 1_048_576, wal_size: 4_096, free_size: 8_192 },
      backups: {
        running: { name: NAME, started_on: '2026-11-24T12:00:00.000Z' },
        last_failure: { failed_on: '2026-11-24T12:00:00.000Z', reason: 'no room' },
        copies: [{ name: NAME, made_on: '2026-11-24T12:00:00.000Z', before_migration: true, valid: false }],
      },
      configuration: { waits_for_restart: ['log'], refused: 'line 3', pending: null, spaces_left_out: 7 },
      findings: [{ area: 'disk', severity: 'problem', action: 'make room' }],
    });
  });

  it('names another engine than SQLite as what it is', async () => {
    const database = { ...HEALTH.database, engine: 'PostgreSQL 15.8' };
    const scene = sceneWith({ health: async () => ({ ...HEALTH, database }) });
    expect((await bodyOf(await scene.asRoot('/v2/admin/health'))).data).toMatchObject({
      sqlite: null,
      database: { engine: 'PostgreSQL 15.8' },
    });
  });

  it('has not been running for less than nothing after the clock was set back', async () => {
    const scene = sceneWith();
    scene.time.now = HEALTH.startedAt - 1;
    expect((await bodyOf(await scene.asRoot('/v2/admin/health'))).data).toMatchObject({ uptime_seconds: 0 });
  });
});

it.each(['GET /v2/admin/health', 'GET /v2/admin/audit', 'POST /v2/admin/backup', 'POST /v2/admin/reload'])(
  'refuses %s to others than administrators',
  async (what) => {
    const [method = '', path = ''] = what.split(' ');
    const scene = sceneWith();
    expect((await scene.ask(await scene.tokenFor('jm'), path, { method })).status).toBe(403);
  },
);

describe('the audit log', () => {
  const entry = {
    ...{ time: NOW, host: 'web1', act: 'keep', by: 'root', from: '192.0.2.7' },
    ...{ details: { user: 'jm' }, outcome: 'done' },
  };

  it('is listed, a hundred entries unless a limit is given', async () => {
    const asked: number[] = [];
    const auditTrail = async (atMost: number) => {
      asked.push(atMost);
      return [entry];
    };
    const scene = sceneWith({ auditTrail });
    const { data, meta } = await bodyOf(await scene.asRoot('/v2/admin/audit'));
    expect(data).toEqual([{ ...entry, time: '2026-11-24T12:00:00.000Z' }]);
    expect(meta.count).toBe(1);
    await scene.asRoot('/v2/admin/audit?limit=1000');
    expect(asked).toEqual([100, 1_000]);
    expect(scene.audit, 'reading it is no act').toEqual([]);
  });

  it.each(['0', '1001', '-1', '1e3', '7.5', 'all'])('refuses the limit %s', async (limit) => {
    const response = await sceneWith().asRoot(`/v2/admin/audit?limit=${limit}`);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).errors).toEqual([
      { parameter: 'limit', detail: `limit: "${limit}" is not a number of entries; allowed is 1 to 1000` },
    ]);
  });

  it('tells of parameters that it ignores, and refuses them to strict clients', async () => {
    const { meta } = await bodyOf(await sceneWith().asRoot('/v2/admin/audit?act=keep'));
    expect(meta).toMatchObject({ ignored: ['act'] });
    const strict = await sceneWith().asRoot('/v2/admin/audit?act=keep', { headers: { prefer: 'handling=strict' } });
    expect(strict.status).toBe(400);
  });
});

describe('a backup', () => {
  it.each([
    ['is made', 201, { ...BEGUN, state: 'done', sizeBytes: 8 }, { state: 'done', size: 8 }],
    ['takes a while', 202, { ...BEGUN, state: 'running' }, { state: 'running', size: null }],
  ] as const)('that %s is told with its name, and audited', async (_, status, outcome, told) => {
    const scene = sceneWith({ backUp: async () => outcome });
    const response = await scene.post('/v2/admin/backup');
    expect(response.status).toBe(status);
    expect((await bodyOf(response)).data).toEqual({ name: NAME, started_on: '2026-11-24T12:00:00.000Z', ...told });
    expect(scene.audit).toMatchObject([{ act: 'backup', by: 'root', details: { name: NAME }, outcome: 'done' }]);
  });

  it('that cannot be made is refused with the reason, and audited as well', async () => {
    const scene = sceneWith({ backUp: async () => ({ ...BEGUN, state: 'failed', reason: 'there is no room' }) });
    const response = await scene.post('/v2/admin/backup');
    expect([response.status, (await bodyOf(response)).detail]).toEqual([503, 'there is no backup: there is no room']);
    expect(scene.audit).toMatchObject([{ act: 'backup', details: { name: NAME }, outcome: 'refused: 503' }]);
  });

  it('is refused while another is made', async () => {
    const backUp = () => Promise.reject(new OvadexError('conflict', 'another is running'));
    expect((await sceneWith({ backUp }).post('/v2/admin/backup')).status).toBe(409);
  });
});

describe('a reload', () => {
  it('tells what has changed, and is audited', async () => {
    const reason = 'the log says why';
    const scene = sceneWith({
      reload: async () => ({
        ...{ state: 'pending', changed: ['spaces', 'log'], waitsForRestart: ['log'], warnings: ['odd'], reason },
      }),
    });
    const { data } = await bodyOf(await scene.post('/v2/admin/reload'));
    const told = {
      state: 'pending',
      changed: ['spaces', 'log'],
      waits_for_restart: ['log'],
      warnings: ['odd'],
      reason,
    };
    expect(data).toEqual(told);
    expect(scene.audit).toMatchObject([{ act: 'reload', details: { state: 'pending', changed: 'spaces, log' } }]);
  });

  it('of a file that is not valid is refused with all that is wrong', async () => {
    const scene = sceneWith({ reload: async () => ({ state: 'refused', reason: 'line 3: no such key' }) });
    const response = await scene.post('/v2/admin/reload');
    const detail = 'the configuration stays as it was: line 3: no such key';
    expect([response.status, (await bodyOf(response)).detail]).toEqual([422, detail]);
    expect(scene.audit).toMatchObject([{ act: 'reload', outcome: 'refused: 422' }]);
  });
});
