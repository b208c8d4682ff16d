import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keyPlaceOf, openLinks, rotateLinkKey } from '../../src/app/link-keeping.js';
import { aboutLink } from '../../src/app/linked-spaces.js';
import { loadLinkKeys } from '../../src/auth/link-keys.js';
import type { LinkStore } from '../../src/domain/ports/link-store.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';

const signal = new AbortController().signal;

/** Links of so many users, more of them than are sealed at once. */
async function linked(users = 450) {
  const directory = await mkdtemp(join(tmpdir(), 'ovadex-keeping-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const config = {
    data: { directory, keepBackups: 1, replicated: false },
    link: { origins: [], keyFile: null as string | null },
  };
  const { links } = createMemoryIndex();
  const keys = await loadLinkKeys(keyPlaceOf(config));
  for (let at = 0; at < users; at++) {
    const about = { user: `u${at}`, server: 'https://cloud.example.org/', loginName: `u${at}` };
    await links.put({ ...about, ...keys.seal(`app-u${at}`, aboutLink(about)), via: 'browser', linkedAt: 1 });
  }
  const lines = async () => (await readFile(keyPlaceOf(config).file, 'utf8')).trim().split('\n');
  const allOpen = async () =>
    (await openLinks(config, links)).every(({ user, password }) => password === `app-${user}`);
  return { config, links, lines, allOpen };
}

describe('a rotation of the key', () => {
  it('seals every link anew and drops the old key', async () => {
    const { config, links, lines, allOpen } = await linked();
    const [before] = await lines();
    expect(await rotateLinkKey(config, links, signal)).toEqual({ links: 450, unreadable: 0, leftIn: null });
    const after = await lines();
    expect(after).toHaveLength(1);
    expect(after[0]).not.toBe(before);
    expect(await allOpen()).toBe(true);
  });

  it('goes on where it was killed; meanwhile all links can be read', async () => {
    const { config, links, lines, allOpen } = await linked();
    let batches = 0;
    const dying: LinkStore = {
      ...links,
      async reseal(changes) {
        if (++batches === 2) throw new Error('killed');
        await links.reseal(changes);
      },
    };
    await expect(rotateLinkKey(config, dying, signal)).rejects.toThrow('killed');
    const both = await lines();
    expect(both).toHaveLength(2);
    expect(await allOpen()).toBe(true);
    expect(await rotateLinkKey(config, links, signal)).toMatchObject({ links: 250 });
    expect(await lines()).toEqual(both.slice(0, 1));
    expect(await allOpen()).toBe(true);
  });

  it('takes in a link that was stored with the old key while the last one was sealed', async () => {
    const { config, links, allOpen } = await linked(3);
    const old = await loadLinkKeys(keyPlaceOf(config));
    const late: LinkStore = {
      ...links,
      async reseal(changes) {
        await links.reseal(changes);
        const about = { user: 'a', server: 'https://cloud.example.org/', loginName: 'a' };
        if ((await links.find('a')) === null) {
          await links.put({ ...about, ...old.seal('app-a', aboutLink(about)), via: 'browser', linkedAt: 1 });
        }
      },
    };
    expect(await rotateLinkKey(config, late, signal)).toMatchObject({ links: 4 });
    expect(await allOpen()).toBe(true);
  });

  it('leaves links alone that no key opens, and counts them', async () => {
    const { config, links } = await linked(3);
    await rm(keyPlaceOf(config).file);
    await expect(rotateLinkKey(config, links, signal)).rejects.toThrow(/there is no key yet/);
    await loadLinkKeys(keyPlaceOf(config));
    const before = await links.list();
    expect(await rotateLinkKey(config, links, signal)).toEqual({ links: 0, unreadable: 3, leftIn: null });
    expect(await links.list()).toEqual(before);
  });

  it("goes by the first line of somebody else's file, and says what is left to do", async () => {
    const { config, links, lines } = await linked(3);
    const [before = ''] = await lines();
    const file = join(config.data.directory, 'given.key');
    await writeFile(file, `${'N'.repeat(42)}A\n${before}\n`, { mode: 0o600 });
    config.link.keyFile = file;
    expect(await rotateLinkKey(config, links, signal)).toEqual({ links: 3, unreadable: 0, leftIn: file });
    await writeFile(file, `${'N'.repeat(42)}A\n`, { mode: 0o600 });
    expect((await openLinks(config, links)).map(({ password }) => password)).toEqual(['app-u0', 'app-u1', 'app-u2']);
  });
});
