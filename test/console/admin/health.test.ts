import { describe, expect, it } from 'vitest';
import { metricOf } from '../../../src/console/admin/words/metrics-text.js';
import { createAdminScene, readable } from './admin-scene.js';

const TEXT =
  '# HELP ovadex_index_bytes Size.\novadex_index_bytes 4096\novadex_index_bytes_more 1\nodd NaN\nwith{a="b"} 2\n';

it.each([
  ['ovadex_index_bytes', 4_096],
  ['ovadex_index_bytes_more', 1],
  ['ovadex_index', null],
  ['odd', null],
  ['with', null],
])('the metric %s is %s', (name, value) => {
  expect(metricOf(TEXT, name)).toBe(value);
});

describe('the page about health', () => {
  const failed = { name: 'index', ok: false, required: true, detail: 'the disk is full' };
  const well = { name: 'crawler', ok: true, required: false, detail: null };

  it('shows version, sizes and checks', async () => {
    const metrics = { contentType: 'text/plain', render: async () => TEXT };
    const scene = createAdminScene({ metrics });
    const admin = await scene.signIn('root', ['admin']);
    const text = readable((await admin.get('/admin/health')).html);
    expect(text).toContain('● ready The daemon answers. Version 1.2.3');
    expect(text).toContain('Index 4 KiB');
    expect(text).toContain('sudo -u ovadex ovadex doctor');
  });

  it('says what has failed, also where metrics are served elsewhere', async () => {
    const scene = createAdminScene({ metrics: null, checkHealth: async () => [failed, well] });
    const admin = await scene.signIn('root', ['admin']);
    const shown = await admin.get('/admin/health');
    expect(shown.status).toBe(200);
    expect(readable(shown.html)).toContain('▲ not ready');
    expect(readable(shown.html)).toContain('index ▲ failed the disk is full');
  });

  it('is for administrators alone', async () => {
    const scene = createAdminScene();
    const user = await scene.signIn('jm');
    expect((await user.get('/admin/health')).status).toBe(403);
  });
});
