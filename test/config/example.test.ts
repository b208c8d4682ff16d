import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.js';
import { createConfigSchema } from '../../src/config/schema.js';
import { createAuthority } from '../support/certificates.js';
import { configFolder } from './config-folder.js';

const example = await readFile(new URL('../../config/ovadex.example.yaml', import.meta.url), 'utf8');

describe('the example configuration', () => {
  test('is valid where its secret files exist', async () => {
    const folder = await configFolder({
      'dav.password': 'secret\n',
      'cloud.token': 'token\n',
      'ovadex.yaml': example.replaceAll('/etc/ovadex/', ''),
    });
    const config = await loadConfig(join(folder, 'ovadex.yaml'));
    expect(config.spaces.map(({ user, url }) => [user, url])).toEqual([
      ['jm', 'https://dav.example.org/jm/'],
      ['lab', 'http://127.0.0.1:8081/lab/'],
      ['cloud', 'https://cloud.example.org/remote.php/dav/files/cloud/'],
    ]);
    expect(config.discoveries).toHaveLength(1);
  });

  test('shows connections in comments that are valid, too', async () => {
    const authority = await createAuthority('test authority');
    const { certificate, key } = await authority.issue('ovadex', 'secret');
    const folder = await configFolder({
      'dav.password': 'secret\n',
      'cloud.token': 'token\n',
      'api.key': 'key\n',
      'proxy.password': 'secret\n',
      'company-ca.pem': authority.certificate,
      'client.pem': certificate,
      'client.key': key,
      'client.passphrase': 'secret\n',
      'ovadex.yaml': withConnection(example).replaceAll('/etc/ovadex/', ''),
    });
    const { spaces } = await loadConfig(join(folder, 'ovadex.yaml'));
    expect(spaces[0]?.connection).toEqual({
      headers: { Referer: 'https://dav.example.org/', 'X-Api-Key': 'key' },
      tls: { ca: expect.any(String), identity: { certificate: expect.any(String), key: expect.any(String) } },
      proxy: { url: 'http://proxy.example.org:3128', credentials: { username: 'ovadex', password: 'secret' } },
    });
  });

  test('shows the defaults as they are', async () => {
    const folder = await configFolder({
      'dav.password': 'secret\n',
      'cloud.token': 'token\n',
      'ovadex.yaml': example.replaceAll('/etc/ovadex/', ''),
      'bare.yaml': 'data: { directory: x }',
    });
    const shown = await loadConfig(join(folder, 'ovadex.yaml'));
    const bare = await loadConfig(join(folder, 'bare.yaml'));
    expect(shown.crawl).toEqual({ ...bare.crawl, exclude: shown.crawl.exclude });
    expect(shown.maintenance).toEqual(bare.maintenance);
    expect(shown.data).toEqual({ ...bare.data, directory: shown.data.directory });
    expect(shown.roles).toEqual(bare.roles);
    expect(shown.log).toEqual(bare.log);
    expect(shown.server.listen).toEqual(bare.server.listen);
  });

  test('holds every key of the schema', () => {
    const schema = createConfigSchema({
      resolvePath: (path) => path,
      readSecret: () => Promise.resolve({ problem: 'not read' }),
      readCertificates: () => Promise.resolve({ problem: 'not read' }),
      readKey: () => Promise.resolve({ problem: 'not read' }),
      troubleOfFolder: () => Promise.resolve(null),
    });
    const keys = keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    expect(keys.size).toBeGreaterThan(30);
    const missing = [...keys].filter((key) => !new RegExp(`^[\\s#-]*${key}:`, 'm').test(example));
    expect(missing).toEqual([]);
  });
});

/** The example with the mappings of headers, tls and proxy taken out of their comments. */
function withConnection(text: string): string {
  return text.replace(/^ {2}# (headers|tls|proxy):\n(?: {2}# {3}.*\n)+/gm, (lines) => lines.replace(/^ {2}# /gm, '  '));
}

/** The names of all properties, at any depth. */
function keysOf(node: unknown): Set<string> {
  if (typeof node !== 'object' || node === null) return new Set();
  const own = 'properties' in node ? Object.keys(Object(node.properties)) : [];
  return new Set([...own, ...Object.values(node).flatMap((child) => [...keysOf(child)])]);
}
