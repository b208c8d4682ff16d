import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyPlaceOf } from '../../../src/app/link-keeping.js';
import { aboutLink } from '../../../src/app/linked-spaces.js';
import { openIndex } from '../../../src/app/open-index.js';
import { loadLinkKeys } from '../../../src/auth/link-keys.js';
import { listLinks, removeLink, rotateKey } from '../../../src/cli/commands/link.js';
import { auditCommand } from '../../../src/cli/options/command-audit.js';
import { loadConfig } from '../../../src/config/load.js';
import { configFolder } from '../../config/config-folder.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { startSmallNextcloud } from '../../support/servers/small-nextcloud.js';
import { captureIo } from '../captured-io.js';

async function scene(password = 'an app password') {
  const cloud = await startSmallNextcloud();
  cloud.appPasswords.set(password, 'jm');
  const folder = await configFolder({
    'ovadex.yaml': `data: { directory: data }\nlink: { origins: [{ url: "${cloud.spaces}" }] }\n`,
  });
  const file = join(folder, 'ovadex.yaml');
  const config = await loadConfig(file);
  layEmptyIndex(config.data.directory);
  const index = await openIndex(config);
  const about = { user: 'jm', server: cloud.base, loginName: 'jm' };
  const sealed = (await loadLinkKeys(keyPlaceOf(config))).seal(password, aboutLink(about));
  await index.links.put({ ...about, ...sealed, via: 'browser', linkedAt: Date.UTC(2026, 2, 2) });
  await index.close();
  const deps = { open: openIndex, audit: auditCommand };
  const io = captureIo();
  return {
    cloud,
    io,
    list: (json = false) => listLinks({ config: file, json }, io, deps),
    remove: (user: string) => removeLink({ config: file, user }, io, deps),
    rotate: () => rotateKey({ config: file }, io, deps),
    audit: async () =>
      (await readFile(join(folder, 'data', 'audit.log'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { act: string; details: object; outcome: string }),
  };
}

describe('ovadex link', () => {
  test('lists who has connected a storage, without the app password', async () => {
    const { list, io, cloud } = await scene();
    expect(await list()).toBe(0);
    expect(io.out()).toMatch(/jm +http:\/\/127.* +jm +browser +.* +ok/);
    await list(true);
    expect(io.out()).toContain(`"server": "${cloud.base}"`);
    expect(io.out()).not.toContain('an app password');
  });

  test('removes a link, revokes its app password and notes that', async () => {
    const { remove, list, io, cloud, audit } = await scene();
    expect(await remove('jm')).toBe(0);
    expect(io.err()).toBe(`"jm" is no longer linked to ${cloud.base}\n`);
    expect(cloud.appPasswords.size).toBe(0);
    await list();
    expect(io.err()).toContain('nobody has connected a storage');
    await expect(remove('jm')).rejects.toMatchObject({ code: 'not-found' });
    expect(await audit()).toMatchObject([
      { act: 'unlink', details: { user: 'jm', revoked: true }, outcome: 'done' },
      { act: 'unlink', details: { user: 'jm' }, outcome: 'refused: not-found' },
    ]);
  });

  test('says why an app password could not be revoked', async () => {
    const { remove, io, cloud } = await scene();
    cloud.answers.set('DELETE ocs/v2.php/core/apppassword', (response) => void response.writeHead(503).end());
    expect(await remove('jm')).toBe(0);
    expect(io.err()).toContain('; its app password could not be revoked there: it answered 503 Service Unavailable');
  });

  test('replaces the key', async () => {
    const { rotate, list, io, audit } = await scene();
    expect(await rotate()).toBe(0);
    expect(io.err()).toBe('1 link sealed with the new key\n');
    await list();
    expect(io.out()).toContain('ok');
    expect(await audit()).toMatchObject([{ act: 'link rotate-key', details: { links: 1, unreadable: 0 } }]);
  });
});
