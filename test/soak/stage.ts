import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIndex } from '../../src/app/open-index.js';
import type { Credentials } from '../../src/domain/model/space.js';
import { type DavHost, startDavHost } from '../support/dav-server/dav-server.js';
import { createDavSite } from '../support/dav-server/site.js';
import type { ServerPlan } from './history.js';
import { ACCOUNT } from './storage.js';

/** What all histories of a soak share: a socket, a folder, and an empty index to begin with. */
export interface Stage {
  readonly host: DavHost;
  /** A new data directory with an empty index in it. */
  makeDirectory(): string;
  removeDirectory(directory: string): void;
  close(): Promise<void>;
}

const FILE = 'ovadex.db';

export async function openStage(): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'ovadex-soak-'));
  const template = join(root, 'template');
  await (await openIndex({ data: { directory: template } })).close();
  const host = await startDavHost(createDavSite());
  let directories = 0;
  return {
    host,
    makeDirectory() {
      const directory = join(root, `${++directories}`);
      mkdirSync(directory);
      // Creating and migrating it anew takes longer than most histories.
      copyFileSync(join(template, FILE), join(directory, FILE));
      return directory;
    },
    removeDirectory: (directory) => rmSync(directory, { recursive: true, force: true }),
    async close() {
      await host.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function credentialsOf({ auth }: ServerPlan): Credentials {
  return auth === 'none' ? { type: 'none' } : { type: auth, ...ACCOUNT };
}
