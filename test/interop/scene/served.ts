import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex, type Settings } from '../../support/process/ovadex.js';

/** A daemon as it is used, with one space of jm's that was synced. */
export interface Served {
  /** No trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly ovadex: Ovadex;
  /** An access token of jm's. */
  readonly token: string;
  /** Ends the daemon and removes everything. */
  end(): Promise<void>;
}

export async function startServed(paths: readonly string[], settings: Omit<Settings, 'spaces'> = {}): Promise<Served> {
  const cleanup = createCleanup();
  try {
    const dav = await startDavServer();
    cleanup.add(() => dav.close());
    for (const path of paths) dav.tree.put(`jm/${path}`, { size: 7 });
    const ovadex = await installOvadex();
    cleanup.add(() => ovadex.remove());
    ovadex.configure({ ...settings, spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
    const { code, stderr } = await ovadex.sync('jm', '--full');
    if (code !== 0) throw new Error(`the space could not be synced: ${stderr}`);
    const { token } = await ovadex.createToken('jm');
    const daemon = await ovadex.serve();
    cleanup.add(() => daemon.stop());
    return { url: daemon.url.replace(/\/$/, ''), port: daemon.port, ovadex, token, end: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
