import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DavAccount, startDavServer } from './dav-server.js';
import { beginUpload } from './odd-images.js';
import { writeSpace } from './spaces.js';

/** A user's space on the storage, which is also a local folder. */
export interface DemoSpace {
  readonly user: string;
  /** The user's password on the storage. */
  readonly password: string;
  readonly url: string;
  readonly directory: string;
}

/** A storage for trying the daemon: spaces full of images behind a WebDAV server. */
export interface Demo {
  /** The temporary directory with everything of the demo, removed at its end. */
  readonly directory: string;
  /** An empty directory for the index. */
  readonly dataDirectory: string;
  /** URL of the storage's root, ending in a slash. */
  readonly davUrl: string;
  readonly spaces: readonly [jm: DemoSpace, kim: DemoSpace];
  /** Stops the server and removes the directory. */
  close(): Promise<void>;
}

/**
 * Creates the demo's files in a new temporary directory and serves them; `newPassword` is called once per user. Rejects
 * if aborted, and with OvadexError `usage` if an optional package is missing; then nothing is left behind.
 */
export async function prepareDemo(newPassword: () => string, signal: AbortSignal): Promise<Demo> {
  // The real path: macOS returns a link, and a watcher reports its target.
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'ovadex-demo-')));
  const removeDirectory = () => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    const dataDirectory = join(directory, 'data');
    const spacesDirectory = join(directory, 'spaces');
    await mkdir(dataDirectory);
    const newAccount = (user: string): DavAccount => ({
      user,
      password: newPassword(),
      directory: join(spacesDirectory, user),
    });
    const [jm, kim] = [newAccount('jm'), newAccount('kim')] as const;
    for (const { user, directory: space } of [jm, kim]) await writeSpace(space, user, signal);
    await beginUpload(jm.directory, jm.user, signal);
    signal.throwIfAborted();
    const server = await startDavServer([jm, kim], spacesDirectory);
    const spaceOf = (account: DavAccount): DemoSpace => ({ ...account, url: `${server.url}${account.user}/` });
    return {
      directory,
      dataDirectory,
      davUrl: server.url,
      spaces: [spaceOf(jm), spaceOf(kim)],
      close: async () => {
        await server.close();
        await removeDirectory();
      },
    };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}
