import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIndex } from '../../src/app/open-index.js';
import { type DavHost, startDavHost } from '../support/dav-server/dav-server.js';
import { createDavSite } from '../support/dav-server/site.js';
import { installFakeTime } from './fake-time.js';
import type { Setting } from './setting.js';

/** Whose spaces are in all indexes of files. */
export const USER = 'jm';

/** What all histories of a soak share: a socket, a folder, and an empty index to begin with. */
export interface Stage {
  readonly host: DavHost;
  /** Returns a new data directory with an empty index in it. */
  makeDirectory(): string;
  removeDirectory(directory: string): void;
  /** Makes a setting of one host with a file; one at a time. */
  makeSetting(): Setting;
  close(): Promise<void>;
}

const FILE = 'ovadex.db';

export async function openStage(): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'ovadex-soak-'));
  const template = join(root, 'template');
  await (await openIndex({ data: { directory: template } })).close();
  const host = await startDavHost(createDavSite());
  let directories = 0;
  const makeDirectory = () => {
    const directory = join(root, `${++directories}`);
    mkdirSync(directory);
    // Creating and migrating it anew takes longer than most histories.
    copyFileSync(join(template, FILE), join(directory, FILE));
    return directory;
  };
  const removeDirectory = (directory: string) => rmSync(directory, { recursive: true, force: true });
  return {
    host,
    makeDirectory,
    removeDirectory,
    makeSetting() {
      const directory = makeDirectory();
      const time = installFakeTime();
      return {
        time,
        host,
        user: USER,
        openWriter: ({ clock }) => openIndex({ data: { directory } }, { clock }),
        openReader: () => openIndex({ data: { directory } }, { readonly: true }),
        configure: (own) => ({ spaces: [own], rules: own.rules }),
        onForgotten: new Set(),
        others: async () => [],
        jump: time.jump,
        alone: (work) => work(),
        together: (work) => work(),
        hosts: null,
        async close() {
          time.uninstall();
          removeDirectory(directory);
        },
      };
    },
    async close() {
      await host.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
