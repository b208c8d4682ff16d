import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { type Served, startServed } from '../scene/served.js';

const run = promisify(execFile);
const missing = findProgram('curl') === null ? 'curl (Debian: curl)' : null;

/** As today's clients ask, who send what they were not told as empty. */
const QUERY = 'expand=1&sort=&filter=&name=&per_page=250';

interface List {
  readonly _links: { readonly api: string };
  readonly data: readonly { readonly id: number; readonly path: string }[];
}

describeInstalled('a daemon as it is configured first', [missing], () => {
  let served: Served;
  beforeAll(async () => {
    served = await startServed(['a.ova', 'b/c.ovf'], { server: { keepAlive: '90s' } });
  });
  afterAll(() => served.end());

  const curl = async (...args: readonly string[]) => (await run('curl', ['-sS', ...args])).stdout;
  const authorized = () => ['-H', `Authorization: Bearer ${served.token}`];
  const list = async (path: string) => JSON.parse(await curl(...authorized(), served.url + path)) as List;

  it('gives each image once to who joins the public list and the own one', async () => {
    const joined = [...(await list(`/v2/image?${QUERY}`)).data, ...(await list(`/v2/user/image/vm?${QUERY}`)).data];
    expect(joined.map(({ path }) => path)).toEqual(['a.ova', 'b/c.ovf']);
  });

  it('leads from the link that every answer has to the resources, and from the bare address to a page', async () => {
    const { _links } = await list('/v2/image');
    const index = JSON.parse(await curl('--fail', _links.api)) as { data: { resources: { url: string }[] } };
    expect(index.data.resources.map(({ url }) => url)).toContain(`${served.url}/v2/image`);
    expect(await curl('-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', `${served.url}/`)).toBe(
      `302 ${served.url}/console`,
    );
    expect(await curl('-L', `${served.url}/`)).toMatch(/^<!doctype html>/);
    const program = await curl('-H', 'Accept: application/json', `${served.url}/`);
    expect(JSON.parse(program)).toHaveProperty('data.resources');
  });

  it('says how long it keeps a connection', async () => {
    expect(await curl('-I', `${served.url}/v2/ping`)).toMatch(/^keep-alive: timeout=90\r$/im);
  });

  it('says with 304 how old the list is, which moves on with a sync that finds the same', async () => {
    const head = async (...args: readonly string[]) => {
      const text = await curl('-I', ...authorized(), ...args, `${served.url}/v2/image`);
      const value = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(text)?.[1] ?? '';
      return { status: Number(text.split(' ')[1]), etag: value('etag'), syncedOn: value('x-synced-on') };
    };
    const { etag } = await head();
    const condition = ['-H', `If-None-Match: ${etag}`];
    const first = await head(...condition);
    expect(first).toMatchObject({ status: 304, etag });
    expect((await served.ovadex.sync('jm')).code).toBe(0);
    const later = await head(...condition);
    expect(later).toMatchObject({ status: 304, etag });
    expect(Date.parse(later.syncedOn)).toBeGreaterThan(Date.parse(first.syncedOn));
  });
});
