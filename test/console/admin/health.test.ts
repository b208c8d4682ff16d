import { describe, expect, it } from 'vitest';
import type { AuditJson, HealthJson } from '../../../src/wire/daemon.js';
import { createAdminScene, readable } from './admin-scene.js';
import { COPY, HEALTH } from './daemon-sample.js';

type Answers = Readonly<Record<string, () => Response>>;

const gives =
  (data: unknown, status = 200) =>
  () =>
    Response.json({ data, meta: {} }, { status });
const refuses = (status: number, detail: string) => () => Response.json({ status, detail }, { status });
const ENTRY: AuditJson = {
  ...{ time: '2026-11-24T11:58:00.000Z', host: null, act: 'accept', by: 'root', from: '192.0.2.7' },
  ...{ details: { user: 'jm' }, outcome: 'done' },
};

/** An administrator who looks at a daemon that answers as is scripted. */
async function adminOf(health: Partial<HealthJson> = {}, more: Answers = {}) {
  const answers: Answers = {
    'GET /v2/admin/health': gives({ ...HEALTH, ...health }),
    'GET /v2/admin/audit': gives([ENTRY]),
    ...more,
  };
  const asked: string[] = [];
  const scene = createAdminScene({}, (request) => {
    const { pathname, search } = new URL(request.url);
    const answer = answers[`${request.method} ${pathname}`];
    if (answer !== undefined) asked.push(`${request.method} ${pathname}${search}`);
    return answer?.() ?? null;
  });
  const admin = await scene.signIn('root', ['admin']);
  const read = async (path = '') => readable((await admin.get(`/admin/health${path}`)).html);
  return { ...admin, read, asked };
}

describe('the page about health', () => {
  it('tells of a daemon that is well what it is, and what administrators have done', async () => {
    const { read } = await adminOf();
    const text = await read();
    expect(text).toContain('● well The daemon works, and nothing needs doing. serving ● well crawler ● well');
    expect(text).toContain('Version 1.4.0 Runs on Node 20.20.0, SQLite 3.50.4 Started 1 day ago');
    expect(text).toContain('Nothing was found that needs a person.');
    expect(text).toContain('Size 1 MiB Its write-ahead log 4 KiB Free room in it 8 KiB Schema 23');
    expect(text).toContain('No backup yet');
    expect(text).toContain('State ● in effect');
    expect(text).toContain('server: listen: 127.0.0.1:8080');
    expect(text).toContain('accept 2 minutes ago user: jm root 192.0.2.7 ● done');
  });

  it('tells which hosts share the index, and which are silent or configured differently', async () => {
    const host = {
      ...{
        roles: ['api'],
        version: '1.4.0',
        started_on: '2026-11-23T12:00:00.000Z',
        there: true,
        leads: false,
        differs_in: [],
      },
      seen_on: '2026-11-24T11:58:00.000Z',
    };
    const { read } = await adminOf({
      cluster: [
        { ...host, host: 'web1' },
        { ...host, host: 'web2', leads: true, differs_in: ['spaces', 'crawl'] },
        { ...host, host: 'web3', there: false },
      ],
    });
    const text = await read();
    expect(text).toContain('web1 ● configured alike api, 1.4.0, heard of 2 minutes ago');
    expect(text).toContain('web2 ◐ configured differently: spaces, crawl api, 1.4.0, leads, heard of');
    expect(text).toContain('web3 ▲ silent api');
    expect(await (await adminOf()).read()).not.toContain('Hosts');
  });

  it('tells findings, the gravest first, with what to do; a space has a link', async () => {
    const action = 'see it, and decide';
    const { get } = await adminOf({
      checks: [{ name: 'index', ok: false, required: true, detail: 'the disk is full' }],
      findings: [
        { area: 'files', subject: '/etc/<b>', severity: 'ok', message: 'closed to others', action: null },
        { area: 'clock', subject: 'this machine', severity: 'note', message: 'it is ahead', action: null },
        { area: 'space', subject: 'j/m', severity: 'problem', message: 'a removal is held', action },
        { area: 'space', subject: 'https://dav.example.org', severity: 'problem', message: 'all fail', action },
      ],
    });
    const { html } = await get('/admin/health');
    const text = readable(html);
    expect(text).toContain('▲ not ready The daemon cannot answer as it should. index ▲ failed The disk is full.');
    expect(text).toContain('Space j/m ▲ problem A removal is held. What to do: see it, and decide');
    expect(text.indexOf('A removal')).toBeLessThan(text.indexOf('It is ahead'));
    expect(text).toContain('Found in order: 1 thing');
    expect(html).toContain('href="/console/admin/spaces/j%2Fm"');
    expect(html).not.toContain('/spaces/https');
    expect(html).not.toContain('<b>');
  });

  it('tells of copies, the one that is being made, and one that failed', async () => {
    const broken = {
      ...COPY,
      name: 'old.db',
      schema: null,
      before_migration: true,
      valid: false,
      problem: 'it is empty',
    };
    const { get } = await adminOf({
      backups: {
        ...HEALTH.backups,
        running: { name: 'new.db', started_on: '2026-11-24T11:59:00.000Z' },
        last_failure: { name: 'x.db', failed_on: '2026-11-24T11:00:00.000Z', reason: 'there is no room' },
        copies: [COPY, broken],
      },
    });
    const { html } = await get('/admin/health');
    const text = readable(html);
    expect(text).toContain('Being made new.db , begun 1 minute ago Last failure 1 hour ago : There is no room.');
    expect(text).toContain('ovadex-20261124T100000000Z.db 2 hours ago 1 MiB 23 ● whole');
    expect(text).toContain('old.db made before the schema was changed 2 hours ago 1 MiB – ▲ broken It is empty.');
    expect(html, 'followed while it is being made').toContain('data-live="backups"');
  });

  it('follows nothing while no backup is being made', async () => {
    const { get } = await adminOf();
    expect((await get('/admin/health')).html).not.toContain('data-live');
  });

  it.each([
    [
      'refused',
      { refused: 'line 3: <no> such key\nline 9: no number' },
      '▲ refused What is shown below stays in effect. line 3: <no> such key line 9: no number',
    ],
    ['waiting', { pending: 'the index is locked' }, '◐ not in effect yet The index is locked. It is tried again'],
    ['for a restart', { waits_for_restart: ['server', 'log'] }, 'next start server, log sudo systemctl restart ovadex'],
    ['odd', { warnings: ['spaces: none'] }, 'Probably unintended spaces: none'],
    ['long', { spaces_left_out: 1_234 }, '1,234 spaces left out here'],
  ])('tells of a configuration that is %s', async (_, change, told) => {
    const { read } = await adminOf({ configuration: { ...HEALTH.configuration, ...change } });
    expect(await read()).toContain(told);
  });

  it('offers no reload where there is no file', async () => {
    const { get } = await adminOf({ configuration: { ...HEALTH.configuration, file: null } });
    const { html } = await get('/admin/health');
    expect(html).not.toContain('/admin/health/reload');
    expect(readable(html)).toContain('without a configuration file');
  });

  it('stands without the audit log if that can’t be read', async () => {
    const { read } = await adminOf({}, { 'GET /v2/admin/audit': refuses(503, 'the audit log can’t be read') });
    const text = await read();
    expect(text).toContain('The audit log can’t be read.');
    expect(text).toContain('Version 1.4.0');
  });

  it.each([
    [429, 'too many requests; try again in 3 s'],
    [503, 'the index is busy'],
  ])('is refused as the API refuses it: %i', async (status, detail) => {
    const { get } = await adminOf({}, { 'GET /v2/admin/health': refuses(status, detail) });
    const shown = await get('/admin/health');
    expect(shown.status).toBe(status);
    expect(readable(shown.html)).toContain(detail.slice(1));
  });
});

describe('the buttons', () => {
  it('back up, and tell under which name', async () => {
    const made = { name: 'new.db', state: 'done', size: 2_048, started_on: HEALTH.as_of };
    const { post, asked } = await adminOf({}, { 'POST /v2/admin/backup': gives(made, 201) });
    expect(readable((await post('/admin/health/backup')).html)).toContain('Done. Backed up as new.db, 2 KiB.');
    expect(asked[0]).toBe('POST /v2/admin/backup');
  });

  it.each([
    ['backup', 409, 'another backup is being made'],
    ['backup', 503, 'there is no backup: there is no room'],
    ['reload', 409, 'this daemon was started without a configuration file'],
    ['reload', 422, 'the configuration stays as it was: line 3'],
    ['reload', 429, 'too many requests'],
  ])('tell why there is no %s: %i', async (act, status, detail) => {
    const { post } = await adminOf({}, { [`POST /v2/admin/${act}`]: refuses(status, detail) });
    const text = readable((await post(`/admin/health/${act}`)).html);
    expect(text).toContain(`That did not work. ${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`);
  });

  it('reload, and tell what is in effect', async () => {
    const reload = { state: 'applied', changed: ['spaces'], waits_for_restart: [], warnings: [], reason: null };
    const { post } = await adminOf({}, { 'POST /v2/admin/reload': gives(reload) });
    expect(readable((await post('/admin/health/reload')).html)).toContain('Done. Now in effect: spaces.');
  });
});

describe('the audit log', () => {
  it('shows a hundred entries, and a thousand to whoever wants more', async () => {
    const many = Array.from({ length: 100 }, () => ENTRY);
    const { read, asked } = await adminOf({}, { 'GET /v2/admin/audit': gives(many) });
    expect(await read('/audit')).toContain('Show more');
    expect(await read('/audit?more=1')).not.toContain('Show more');
    expect(asked).toEqual(['GET /v2/admin/audit?limit=100', 'GET /v2/admin/audit?limit=1000']);
  });

  it('says what it is for while it is empty', async () => {
    const { read } = await adminOf({}, { 'GET /v2/admin/audit': gives([]) });
    expect(await read('/audit')).toContain('Nothing yet What administrators do is recorded here');
  });

  it('shows an outcome that wasn’t good, and names as text', async () => {
    const odd = { ...ENTRY, by: '<i>\u202e', outcome: 'refused: 403', details: {} };
    const { get } = await adminOf({}, { 'GET /v2/admin/audit': gives([odd]) });
    const { html } = await get('/admin/health/audit');
    expect(html).not.toContain('<i>');
    expect(html).not.toContain('\u202e');
    expect(readable(html)).toContain('◐ refused: 403');
  });
});

it.each(['/admin/health', '/admin/health/audit'])('%s is for administrators alone', async (path) => {
  const user = await createAdminScene().signIn('jm');
  expect((await user.get(path)).status).toBe(403);
});

describe('over the API itself', () => {
  it('the page is whole, and what its buttons do is told and recorded', async () => {
    const scene = createAdminScene();
    const admin = await scene.signIn('root', ['admin']);
    const shown = await admin.get('/admin/health');
    expect(shown.status).toBe(200);
    expect(readable(shown.html)).toContain('● well The daemon works, and nothing needs doing. index ● well');
    expect(readable((await admin.post('/admin/health/backup')).html)).toContain('Done. Backed up as ovadex-2026');
    expect(readable((await admin.post('/admin/health/reload')).html)).toContain(
      'Done. The file says what is in effect',
    );
    expect(scene.audit.map(({ act }) => act)).toEqual(['backup', 'reload']);
  });
});
