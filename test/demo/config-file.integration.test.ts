import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { writeDemoConfig } from '../../src/demo/config-file.js';
import { preferPort } from '../../src/demo/free-port.js';
import type { Demo } from '../../src/demo/prepare.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ovadex-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the demo\u2019s configuration', () => {
  it('is one that the daemon reads: both spaces, watched, crawled every minute', async () => {
    const spaceOf = (user: string) => ({
      user,
      password: '0123', // a number to YAML unless it is quoted
      url: `http://127.0.0.1:9/${user}/`,
      directory: join(directory, 'spaces', user),
    });
    const demo: Demo = {
      directory,
      dataDirectory: join(directory, 'data'),
      davUrl: 'http://127.0.0.1:9/',
      spaces: [spaceOf('jm'), spaceOf('kim')],
      close: async () => {},
    };
    const file = await writeDemoConfig(demo, 4711);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await loadConfig(file)).toMatchObject({
      server: { listen: { kind: 'tcp', host: '127.0.0.1', port: 4711 }, publicUrl: null, trustedProxies: [] },
      api: { catalogue: 'personal', rateLimit: null },
      auth: { issuers: [] },
      data: { directory: demo.dataDirectory },
      spaces: demo.spaces.map((space) => ({
        user: space.user,
        url: space.url,
        auth: { type: 'basic', username: space.user, password: '0123' },
        watchDirectory: space.directory,
      })),
      crawl: { schedule: '* * * * *' },
    });
  });
});

describe('the demo\u2019s port', () => {
  it('is the preferred one only while nobody else has it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const free = await preferPort(port);
    expect(free).toBeGreaterThan(0);
    expect(free).not.toBe(port);
    other.close();
    await once(other, 'close');
    expect(await preferPort(port)).toBe(port);
  });
});
