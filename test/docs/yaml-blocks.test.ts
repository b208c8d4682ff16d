import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.js';
import { configFolder } from '../config/config-folder.js';
import { createAuthority } from '../support/certificates.js';
import { blocksOf, DOCUMENTS } from './documents.js';

/** What every configuration needs, and a fragment leaves out. */
const REST = { data: { directory: 'data' } };

const fragments = DOCUMENTS.flatMap((document) => blocksOf(document, 'yaml'));

describe('the configurations in the documents', () => {
  it.each(fragments.map((block) => [`${block.document}:${block.line}`, block.text] as const))(
    '%s is valid',
    async (_, text) => {
      const authority = await createAuthority('test authority');
      const secrets = [
        'dav.password',
        'jm.password',
        'lab.password',
        'deployer.secret',
        'sign-in.secret',
        'database.password',
      ].map((name) => [name, 'a secret of twenty-four bytes\n'] as const);
      const folder = await configFolder({ ...Object.fromEntries(secrets), 'company-ca.pem': authority.certificate });
      await mkdir(join(folder, 'spaces.d'));
      await mkdir(join(folder, 'users'));
      const file = join(folder, 'ovadex.yaml');
      const fragment = parse(text.replaceAll('/etc/ovadex/', '')) as Record<string, unknown>;
      await writeFile(file, stringify({ ...REST, ...fragment }), { mode: 0o600 });
      const config = await loadConfig(file);
      const spaces = (fragment['spaces'] ?? []) as readonly object[];
      expect(config.spaces.length + config.discoveries.length + config.userFolders.length).toBe(spaces.length);
    },
  );

  it('are found', () => expect(fragments.length).toBeGreaterThan(8));
});

describe('the configuration of Litestream', () => {
  it.each(blocksOf('config/README.md', 'yaml', 'litestream').map(({ text }) => [text]))('names the index', (text) => {
    const { dbs } = parse(text) as { readonly dbs: readonly { readonly path: string }[] };
    expect(dbs.map(({ path }) => path)).toEqual(['/var/lib/ovadex/ovadex.db']);
  });
});
