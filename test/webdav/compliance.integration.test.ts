import { describe, expect, it } from 'vitest';
import { startScriptedServer } from '../support/servers/scripted-server.js';
import { createTestWebdav, NEVER } from './open-store.js';

const none = { type: 'none' } as const;

describe('what a server says of itself', () => {
  it('is asked by OPTIONS of the root, with the space’s own credentials and headers', async () => {
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { DAV: '1, 2,<http://apache.org/dav/propset/fs/1>', Server: 'Apache/2.4' },
    }));
    const space = {
      url: `${url}spaces/jm/`,
      auth: { type: 'bearer', token: 'token-1' } as const,
      connection: { headers: { 'X-Site': 'north' }, tls: null, proxy: null },
    };
    expect(await createTestWebdav().describe(space, NEVER)).toEqual({
      classes: ['1', '2', '<http://apache.org/dav/propset/fs/1>'],
      server: 'Apache/2.4',
    });
    expect(requests.map(({ method, target }) => [method, target])).toEqual([['OPTIONS', '/spaces/jm/']]);
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer token-1', 'x-site': 'north' });
  });

  it('may be nothing', async () => {
    const { url } = await startScriptedServer(() => ({ status: 204 }));
    expect(await createTestWebdav().describe({ url, auth: none }, NEVER)).toEqual({ classes: [], server: null });
  });

  it.each([401, 405, 500])('is null where the answer is %i', async (status) => {
    const { url } = await startScriptedServer(() => ({ status }));
    expect(await createTestWebdav().describe({ url, auth: none }, NEVER)).toBeNull();
  });

  it('goes to no other origin', async () => {
    const other = await startScriptedServer(() => ({ status: 200 }));
    const { url } = await startScriptedServer(() => ({ status: 302, headers: { Location: other.url } }));
    await createTestWebdav().describe({ url, auth: { type: 'bearer', token: 'token-1' } }, NEVER);
    expect(other.requests).toEqual([]);
  });

  it('is given up with its signal', async () => {
    const { url } = await startScriptedServer(() => new Promise(() => undefined));
    const asked = createTestWebdav().describe({ url, auth: none }, AbortSignal.timeout(50));
    await expect(asked).rejects.toThrow();
  });
});
