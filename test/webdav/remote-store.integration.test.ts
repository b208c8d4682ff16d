import { createWebdav } from '../../src/webdav/client.js';
import { describeRemoteStore } from '../contract/remote-store.js';
import { type DavServerOptions, startDavServer } from '../support/dav-server/dav-server.js';

const SERVERS: Record<string, DavServerOptions> = {
  'a space at the root of its host': {},
  'a server that writes absolute URLs': { hrefs: 'absolute', basePath: '/dav/jm/' },
  'a server that encodes hardly anything': { hrefs: 'raw', basePath: '/dav/jm/' },
  'a server that encodes everything, slashes too': { hrefs: 'encoded', basePath: '/dav/jm/' },
  'a server with lower-case hex digits and no ETags': { hrefs: 'lower-case', markers: 'nginx', basePath: '/a%20b/' },
};

for (const [name, options] of Object.entries(SERVERS)) {
  describeRemoteStore(`the WebDAV client on ${name}`, async () => {
    const dav = await startDavServer(options);
    const webdav = createWebdav({
      timeouts: { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 },
      requestsPerHost: 4,
      exclude: () => false,
      readSecret: () => Promise.resolve({ problem: 'must not be asked for' }),
      clock: Date.now,
      steadyClock: () => 0,
      random: Math.random,
      userAgent: 'ovadex/test',
      sleep: async (_ms, signal) => signal.throwIfAborted(),
    });
    return {
      store: webdav.open({ url: dav.url, auth: { type: 'none' } }),
      put: (path, sizeBytes) => dav.tree.put(path, { size: sizeBytes }),
      mkdir: dav.tree.mkdir,
      remove: dav.tree.remove,
      unplug: () => dav.fault('', { reset: true, below: true }),
      stall: () => dav.fault('', { stall: 'head', below: true }),
      async close() {
        await webdav.close();
        await dav.close();
      },
    };
  });
}
