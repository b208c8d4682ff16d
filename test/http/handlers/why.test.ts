import { beforeEach, describe, expect, it } from 'vitest';
import { listingRules } from '../../../src/domain/diagnosis/why.js';
import { bodyOf, createApiScene } from '../api-scene.js';

const WHY = '/v2/image/why';
const RULES = listingRules({ exclude: ['*.backup.ova'], excludeDefaults: true, maxDepth: 3 });

describe(`GET ${WHY}`, () => {
  let scene: ReturnType<typeof createApiScene>;
  let token: string;
  const over = async (overrides: Parameters<typeof createApiScene>[0] = {}) => {
    scene = createApiScene({ inEffect: { syncIntervalMs: 1e9, isSearchAllowed: true, rules: RULES }, ...overrides });
    await scene.addSpace('jm');
    await scene.addSpace('lab');
    token = await scene.tokenFor('jm');
  };
  beforeEach(() => over());
  const ask = async (query: string, of = token) => {
    const response = await scene.ask(of, `${WHY}?${query}`);
    const { data, meta, ...body } = await bodyOf(response);
    return { status: response.status, data: data as unknown as Record<string, unknown>[], meta, body };
  };

  it('explains a path, with or without a slash before it, in words for the user of the space', async () => {
    await scene.sync('jm', ['images/x.ova']);
    await scene.sync('lab', ['images/y.ova']);
    expect((await ask('path=/images/x.ova')).data).toEqual([
      { path: 'images/x.ova', listed: true, reason: 'listed', message: 'it is listed', action: null, elsewhere: [] },
    ]);
    const { data, meta } = await ask('path=images/y.ova');
    expect(data).toMatchObject([{ path: 'images/y.ova', listed: false }]);
    expect(data[0]?.['action']).toContain('PATCH /v2/user/image/vm');
    expect(JSON.stringify(data)).not.toContain('ovadex sync');
    expect(meta).toMatchObject({ count: 1, user: 'jm' });
    expect((await ask('path=images/X.OVA')).data[0]).toMatchObject({ listed: false, elsewhere: ['images/x.ova'] });
  });

  it.each([
    ['path=a/x.backup.ova', 'excluded'],
    ['path=x.iso', 'no-image'],
    ['path=a/b/c/d/x.ova', 'too-deep'],
    ['name=x.backup.ova', 'excluded'],
    ['name=notes.txt', 'no-image'],
    ['name=z.ova', 'not-seen'],
  ])('gives the reason of %s as a word', async (query, reason) => {
    await scene.sync('jm', ['x.ova']);
    const { status, data } = await ask(query);
    expect(status).toBe(200);
    expect(data).toMatchObject([{ listed: false, reason }]);
  });

  it('explains each place of a name', async () => {
    await scene.sync('jm', ['a/x.ova', 'b/X.ova']);
    const { data, meta } = await ask('name=x.OVA');
    expect(data).toMatchObject([
      { path: 'a/x.ova', reason: 'listed', elsewhere: ['b/X.ova'] },
      { path: 'b/X.ova', reason: 'listed', elsewhere: ['a/x.ova'] },
    ]);
    expect(meta).toMatchObject({ count: 2 });
  });

  it('suspects a folder that could not be listed of holding a name that is known nowhere', async () => {
    await scene.sync('jm', ['x.ova'], { warnings: ['5 more are left out', '/closed: 403 Forbidden'] });
    expect((await ask('name=z.ova')).data).toMatchObject([{ reason: 'folder-closed' }]);
  });

  it('says that nothing is known before the first sync, and without a space what to do', async () => {
    expect((await ask('name=x.ova')).data).toMatchObject([{ reason: 'never-synced' }]);
    const stranger = await scene.tokenFor('kim');
    expect((await ask('path=x.ova', stranger)).data).toMatchObject([
      { reason: 'no-space', listed: false, action: expect.stringContaining('administrator') },
    ]);
    expect((await ask('name=x.ova', stranger)).data).toMatchObject([{ path: 'x.ova', reason: 'no-space' }]);
  });

  it.each([
    ['', 'path'],
    ['path=&name=', 'path'],
    ['path=x.ova&name=x.ova', 'path'],
    ['name=x.ova&name=y.ova', 'name'],
    ['path=x.ova&path=y.ova', 'path'],
    ['path=/', 'path'],
    ['name=a/x.ova', 'name'],
    ['path=%ff', 'path'],
  ])('refuses "%s"', async (query, parameter) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ parameter, detail: expect.stringMatching(/^(path|name): /) }] });
  });

  it('ignores unknown parameters as lists do, or refuses them where the client is strict', async () => {
    await scene.sync('jm', ['x.ova']);
    expect(await ask('path=x.ova&pfad=y')).toMatchObject({ status: 200, meta: { ignored: ['pfad'] } });
    const strict = await scene.ask(token, `${WHY}?path=x.ova&pfad=y`, { headers: { prefer: 'handling=strict' } });
    expect(strict.status).toBe(400);
  });

  it('needs a token', async () => {
    expect((await scene.app.request(`${WHY}?path=x.ova`)).status).toBe(401);
  });
});
