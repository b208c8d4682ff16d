import { chmodSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../src/domain/diagnosis.js';
import { type DavServer, startDavServer } from './support/dav-server.js';
import { installOvadex, type Ovadex } from './support/ovadex.js';

interface Told {
  readonly ok: boolean;
  readonly exit_code: number;
  readonly findings: readonly Finding[];
}

describe('ovadex doctor', () => {
  let dav: DavServer;
  let ovadex: Ovadex;

  beforeEach(async () => {
    dav = await startDavServer();
    dav.tree.put('jm/x.ova', { size: 1 });
    dav.tree.put('jm/a/y.ova', { size: 1 });
    ovadex = await installOvadex();
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  });

  afterEach(async () => {
    ovadex.remove();
    await dav.close();
  });

  const ask = async (): Promise<Told & { code: number | null }> => {
    const { code, stdout, stderr } = await ovadex.run('doctor', '--json');
    if (stdout === '') throw new Error(stderr);
    return { code, ...(JSON.parse(stdout) as Told) };
  };
  const bad = ({ findings }: Told) => findings.filter(({ severity }) => severity !== 'ok' && severity !== 'note');
  /** SQLite makes the two others for whoever reads. */
  const kept = () => readdirSync(data()).filter((name) => !/-(wal|shm)$/.test(name));
  const data = () => join(dirname(ovadex.configFile), 'data');

  it('finds nothing wrong where nothing is, and changes nothing', async () => {
    await ovadex.sync('jm');
    const before = kept();
    const told = await ask();
    expect(bad(told)).toEqual([]);
    expect(told).toMatchObject({ code: 0, ok: true, exit_code: 0 });
    expect(new Set(told.findings.map(({ area }) => area))).toEqual(
      new Set(['configuration', 'files', 'disk', 'index', 'clock', 'storage', 'sample']),
    );
    expect(kept()).toEqual(before);
  });

  it('explains what has changed since the last sync', async () => {
    await ovadex.sync('jm');
    dav.tree.put('jm/new.ova', { size: 1 });
    const [found] = (await ask()).findings.filter(
      ({ area, message }) => area === 'sample' && /1 images are new/.test(message),
    );
    expect(found?.action).toContain('ovadex sync --user jm');
  });

  it('says what to do about each thing that is wrong', async () => {
    await ovadex.sync('jm');
    chmodSync(join(data(), 'ovadex.db'), 0o644);
    ovadex.configure({
      spaces: [
        { user: 'jm', url: `${dav.url}jm/` },
        { user: 'kim', url: `${dav.url}kim/` },
      ],
    });
    const told = await ask();
    expect(told.code).toBe(77);
    expect(told.findings).toContainEqual(
      expect.objectContaining({ area: 'files', severity: 'problem', action: `chmod 600 ${join(data(), 'ovadex.db')}` }),
    );
    expect(told.findings).toContainEqual(
      expect.objectContaining({
        area: 'storage',
        subject: 'kim',
        severity: 'problem',
        message: expect.stringContaining('404') as string,
      }),
    );
    for (const { action } of bad(told)) expect(action).toMatch(/\w/);
    const { stdout } = await ovadex.run('doctor');
    expect(stdout).toMatch(/^PROBLEM {2}storage: kim: .*404.*\n +-> put its url right/m);
  });

  it('tells by its exit code what it is', async () => {
    expect((await ask()).code).toBe(74); // there is no index yet
    await ovadex.sync('jm');
    await dav.close();
    expect((await ask()).code).toBe(69);
    ovadex.configure({ spaces: [{ user: 'jm' }] });
    const told = await ask();
    expect(told).toMatchObject({ code: 78, ok: false, exit_code: 78 });
    expect(told.findings[0]?.message).toContain('"jm" needs a url');
  });
});
