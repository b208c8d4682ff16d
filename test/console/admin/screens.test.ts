import { describe, expect, it } from 'vitest';
import { ADMIN_SCREENS } from '../../../src/console/admin/admin-screens.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { HttpDeps } from '../../../src/http/app.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { createAdminScene, readable } from './admin-scene.js';

/** A name that is markup, a filter and a path at once. */
const ODD = '<b>ö;50%&"?#';

async function createScene(overrides: Partial<HttpDeps> = {}) {
  const scene = createAdminScene(overrides);
  for (const user of ['jm', 'lab', ODD]) await scene.addSpace(user);
  return { ...scene, admin: await scene.signIn('root', ['admin']) };
}

/** A space of three images of which two are missed. */
async function holdRemoval({ sync, index, time }: Awaited<ReturnType<typeof createScene>>, user: string) {
  await sync(user, ['a.ova', 'b.ova', 'c.ova']);
  const tested = { ...index, clock: time, close: async () => undefined };
  const { lease } = await begin(tested, user);
  await commit(tested, lease, listing('', ['c.ova']), { removals: 'hold' });
  await end(tested, lease, { heldRemovals: 2, heldReasons: ['2 of 3 images are gone'] });
}

describe('the spaces', () => {
  it('are listed with their state and what is wrong, and narrowed by state and user', async () => {
    const { admin, sync } = await createScene();
    await sync('jm', ['x.ova']);
    await sync('lab', [], { status: 'ERROR', errors: ['the storage answered 503'] });
    const all = readable((await admin.get('/admin/spaces')).html);
    expect(all).toContain('3 spaces');
    expect(all).toContain('the storage answered 503');
    const failing = readable((await admin.get('/admin/spaces?state=failing')).html);
    expect([failing.includes('1 space'), failing.includes('the storage answered 503')]).toEqual([true, true]);
    const trouble = readable((await admin.get('/admin/spaces?state=trouble&user=la')).html);
    expect(trouble).toContain('1 space');
    const none = readable((await admin.get('/admin/spaces?user=nobody')).html);
    expect(none).toContain('No space matches');
  });

  it('say what to do if there are none', async () => {
    const scene = createAdminScene();
    const admin = await scene.signIn('root', ['admin']);
    expect(readable((await admin.get('/admin/spaces')).html)).toContain('No spaces yet');
  });

  it('show a name that is markup as text, and link to its page', async () => {
    const { admin } = await createScene();
    const { html } = await admin.get('/admin/spaces');
    expect(html).not.toContain(ODD);
    const href = html
      .match(/href="(\/console\/admin\/spaces\/[^"]+)"/g)
      ?.map((each) => each.slice(6, -1))
      .find((each) => each.includes('%3Cb%3E'));
    const page = await admin.get((href ?? '').slice('/console'.length));
    expect([page.status, readable(page.html).startsWith(`Space of ${ODD}`)]).toEqual([200, true]);
  });

  it('that were chosen are synced, and those that are refused are named with the reason', async () => {
    const { admin, index, sync } = await createScene();
    await sync('lab', [], { status: 'ERROR', isUnauthorized: true, errors: ['401'] });
    const shown = await admin.post('/admin/spaces', { act: 'full', user: ['jm', 'lab', ODD], back: 'state=' });
    const text = readable(shown.html);
    expect(text).toContain(
      'Asked for a sync of everything in 2 spaces. Not done: “lab”: the space of "lab" is suspended',
    );
    const { syncs } = await index.syncs.page({ visibleTo: null, sort: [] });
    const filed = syncs.filter(({ mode, status }) => mode === 'full' && status === 'PENDING');
    expect(filed.map(({ user, requestedBy }) => [user, requestedBy]).sort()).toEqual([
      [ODD, 'root'],
      ['jm', 'root'],
    ]);
  });

  it('are left alone if none was chosen, or by an unknown button', async () => {
    const { admin, index } = await createScene();
    expect(readable((await admin.post('/admin/spaces', { act: 'sync' })).html)).toContain('No space was chosen');
    const unknown = await admin.post('/admin/spaces', { act: 'delete', user: 'jm' });
    expect(readable(unknown.html)).toContain('Nothing was changed');
    expect((await index.syncs.page({ visibleTo: null, sort: [] })).syncs).toEqual([]);
  });

  it('are tried no longer once too much was asked', async () => {
    const { admin } = await createScene({ requestLimit: { requests: 3, windowMs: 60_000 } });
    // Two requests sign in and show a page for the form; one is left for the first space, none for the page after it.
    const shown = await admin.post('/admin/spaces', { act: 'sync', user: ['jm', 'lab', ODD] });
    expect(shown.status).toBe(429);
    expect(readable(shown.html)).toContain('a user may make 3 requests');
  });
});

describe('a space', () => {
  it('says what is wrong, which folders failed, and why', async () => {
    const { admin, sync } = await createScene();
    const warnings = ['lab/ could not be listed: the storage answered 403'];
    await sync('jm', ['x.ova'], { warnings, counts: { ...ZERO, failures: 1 } });
    const text = readable((await admin.get('/admin/spaces/jm')).html);
    expect(text).toContain('stale Some of its folders could not be listed.');
    expect(text).toContain('What the last sync left as it was');
    expect(text).toContain(warnings[0]);
    expect(text).not.toContain('Seconds each took');
    await sync('jm', ['x.ova'], { status: 'ERROR', errors: ['no answer'] });
    const { html } = await admin.get('/admin/spaces/jm');
    const plots = [
      ...html.matchAll(/<figure class="plot" data-table="syncs" data-column="(.+?)".*? data-bad="(.+?)"/g),
    ];
    expect(plots).toHaveLength(4);
    const table = html.split('<table id="syncs">')[1] ?? '';
    for (const [, column, bad] of plots) {
      expect(table).toMatch(new RegExp(`data-label="${column}"><data value="[\\d.]+">`));
      expect(table).toContain(`data-label="${bad}"><span class="badge bad"`);
    }
  });

  it('is synced, and resumed once it is suspended', async () => {
    const { admin, sync } = await createScene();
    expect(readable((await admin.post('/admin/spaces/jm/sync')).html)).toContain('Asked for a sync of “jm”');
    await sync('lab', [], { status: 'ERROR', isUnauthorized: true, errors: ['it answered 401'] });
    const suspended = readable((await admin.get('/admin/spaces/lab')).html);
    expect(suspended).toContain('Its storage refuses the credentials.');
    expect(suspended).toContain('Resume now');
    expect(readable((await admin.post('/admin/spaces/lab/resume')).html)).toContain('Resumed “lab”');
  });

  it('that nobody has is not found, and a user without the right is refused', async () => {
    const { admin, signIn } = await createScene();
    const missing = await admin.get('/admin/spaces/nobody');
    expect([missing.status, readable(missing.html).includes('There is no space of "nobody"')]).toEqual([404, true]);
    const user = await signIn('jm');
    const all = ADMIN_SCREENS.flatMap(({ shows = {} }) => Object.keys(shows));
    for (const path of [...all, '/admin/search?name=abc']) {
      const { status, html } = await user.get(path.replace(/:\w+/, 'lab'));
      expect([path, status, readable(html)]).toEqual([path, 403, expect.stringContaining('For administrators')]);
    }
    for (const path of ADMIN_SCREENS.flatMap(({ acts = {} }) => Object.keys(acts))) {
      const acted = await user.post(path.replace(/:\w+/, 'lab'));
      expect([path, acted.status]).toEqual([path, 403]);
    }
  });

  it('whose index is busy is told as such, and nothing is lost', async () => {
    const crawler = { requestSync: () => Promise.reject(new OvadexError('unavailable', 'the index is busy')) };
    const { admin } = await createScene({ crawler: crawler as never });
    const text = readable((await admin.post('/admin/spaces/jm/sync')).html);
    expect(text).toContain('No sync was asked for. Not done: “jm”:');
  });
});

const ZERO = { collections: 1, failures: 0, images: 1, requests: 1, added: 0, altered: 0, removed: 0 };

describe('a held removal', () => {
  it('is shown with what goes, what stays and why, and is accepted', async () => {
    const scene = await createScene();
    await holdRemoval(scene, 'jm');
    const { admin, index } = scene;
    const text = readable((await admin.get('/admin/spaces/jm/held')).html);
    expect(text).toContain('2 images would go from the list');
    expect(text).toContain('1 image would stay');
    expect(text).toContain('2 of 3 images are gone.');
    expect(text).toContain('a.ova');
    expect(text).not.toContain('c.ova');
    const after = readable((await admin.post('/admin/spaces/jm/accept')).html);
    expect(after).toContain('The removal is accepted. A sync was asked for');
    expect(readable((await admin.get('/admin/syncs?user=jm')).html)).toContain('on request');
    expect((await index.catalogue.space('jm'))?.isRemovalRefused).toBe(false);
  });

  it('is refused, and says so from then on', async () => {
    const scene = await createScene();
    await holdRemoval(scene, 'jm');
    const { admin, index } = scene;
    const after = readable((await admin.post('/admin/spaces/jm/keep')).html);
    expect(after).toContain('The images stay listed');
    expect(after).toContain('are kept, as an administrator decided');
    expect((await index.catalogue.space('jm'))?.isRemovalRefused).toBe(true);
    const again = readable((await admin.get('/admin/spaces/jm/held')).html);
    expect(again).toContain('An administrator has decided to keep them.');
    expect(again).not.toContain('No, keep them listed');
  });

  it('that has gone meanwhile is decided by nobody', async () => {
    const { admin, index } = await createScene();
    for (const decision of ['accept', 'keep']) {
      const after = readable((await admin.post(`/admin/spaces/jm/${decision}`)).html);
      expect(after).toContain('No removal is held any more, so there was nothing to decide.');
    }
    expect((await index.catalogue.space('jm'))?.isRemovalRefused).toBe(false);
  });

  it('that is none says so', async () => {
    const { admin } = await createScene();
    expect(readable((await admin.get('/admin/spaces/jm/held')).html)).toContain('Nothing is held');
  });
});

describe('forgetting a user', () => {
  const done = { images: 12, collections: 1, syncs: 3, tokens: 0 };

  it('takes the name typed, and tells what was deleted', async () => {
    const forgotten: string[] = [];
    const forget = async (user: string) => {
      forgotten.push(user);
      return done;
    };
    const { admin } = await createScene({ forget });
    const differs = await admin.post('/admin/forget', { user: 'kim', typed: 'kin' });
    expect([differs.status, readable(differs.html).includes('Nothing was deleted')]).toEqual([400, true]);
    expect((await admin.post('/admin/forget', { user: 'kim' })).status).toBe(400);
    expect(forgotten).toEqual([]);
    const text = readable((await admin.post('/admin/forget', { user: 'kim', typed: 'kim' })).html);
    expect(text).toContain('Forgot “kim”: 12 images, 1 folder, 3 syncs, 0 tokens.');
    expect(forgotten).toEqual(['kim']);
  });

  it('says why it may not', async () => {
    const forget = () => Promise.reject(new OvadexError('conflict', 'the space of "jm" is configured'));
    const { admin } = await createScene({ forget });
    const shown = await admin.post('/admin/forget', { user: 'jm', typed: 'jm' });
    expect([shown.status, readable(shown.html).includes('The space of "jm" is configured.')]).toEqual([409, true]);
  });
});

describe('the syncs', () => {
  it('show those that run with their progress, cancel one, and filter the others', async () => {
    const { admin, sync, index } = await createScene();
    await sync('lab', ['x.ova']);
    const { id: spaceId = 0 } = (await index.catalogue.space('jm')) ?? {};
    await index.syncs.request({ spaceId, mode: 'full', trigger: 'request', requestedBy: 'kim', targets: [] });
    const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 60_000 });
    if (claimed === null) throw new Error('nothing to run');
    await index.syncs.progress(claimed.lease, { counts: { ...ZERO, collections: 20 }, waiting: 4 }, 60_000);
    const text = readable((await admin.get('/admin/syncs')).html);
    expect(text).toContain('20 folders');
    expect(text).toContain('on request by kim');
    expect(text).toContain('2 syncs');
    expect(readable((await admin.get('/admin/syncs?user=lab')).html)).toContain('1 sync');
    expect(readable((await admin.get('/admin/syncs?status=ERROR')).html)).toContain('No sync matches');
    const one = readable((await admin.get(`/admin/syncs/${claimed.sync.id}`)).html);
    expect([one.includes('Asked for by kim'), one.includes('Cancel this sync')]).toEqual([true, true]);
    expect((await admin.get('/admin/syncs/999')).status).toBe(404);
    expect((await admin.get('/admin/syncs/x')).status).toBe(404);
    const cancelled = await admin.post(`/admin/syncs/${claimed.sync.id}/cancel`);
    expect(readable(cancelled.html)).toContain('The sync is cancelled.');
    const again = await admin.post(`/admin/syncs/${claimed.sync.id}/cancel`);
    expect(readable(again.html)).toContain('That did not work.');
    expect(readable((await admin.post('/admin/syncs/999/cancel')).html)).toContain('There is no request "999"');
  });
});

describe('the search', () => {
  it('says why the API has refused it, and with which status', async () => {
    const { admin } = await createScene();
    const refused = await admin.get('/admin/search?name=a&sort=bogus');
    expect([refused.status, readable(refused.html)]).toEqual([400, expect.stringContaining('bogus')]);
    expect(readable(refused.html)).toContain('Name contains');
  });

  it('asks for something to look for, finds images of all spaces, and says if there is none', async () => {
    const { admin, sync } = await createScene();
    await sync('jm', ['linux/ubuntu.ova']);
    await sync(ODD, ['<i>ubuntu.ova']);
    expect(readable((await admin.get('/admin/search')).html)).toContain('Whose image is it?');
    const found = await admin.get('/admin/search?name=ubuntu');
    expect(readable(found.html)).toContain('2 images');
    expect(readable(found.html)).toContain('linux/ubuntu.ova');
    expect(found.html).not.toContain('<i>');
    const ofUser = await admin.get(`/admin/search?user=${encodeURIComponent(ODD)}`);
    expect(readable(ofUser.html)).toContain('1 image');
    expect(readable((await admin.get('/admin/search?name=nothing')).html)).toContain('No image matches');
  });
});
