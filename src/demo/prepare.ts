import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DavAccount, startDavServer } from './dav-server.js';
import { writeSpace } from './spaces.js';

/** A user's space, on the storage and as a local folder. */
export interface DemoSpace {
  readonly user: string;
  /** The storage's, for this user. */
  readonly password: string;
  readonly url: string;
  readonly directory: string;
}

/** A storage to try the daemon on: spaces full of images and a WebDAV server before them. */
export interface Demo {
  /** Temporary; holds everything of the demo and goes with it. */
  readonly directory: string;
  /** Empty, for the index. */
  readonly dataDirectory: string;
  /** The storage's root; ends in a slash. */
  readonly davUrl: string;
  readonly spaces: readonly [jm: DemoSpace, kim: DemoSpace];
  /** Stops the server and removes the directory. */
  close(): Promise<void>;
}

/**
 * Makes the demo's files in a new temporary directory and serves them; `newPassword` is asked once a user.
 * Rejects when aborted, and with OvadexError `usage` where an
 * optional package is missing; nothing is left behind then.
 */
export async function prepareDemo(newPassword: () => string, signal: AbortSignal): Promise<Demo> {
  // The real path: macOS hands out a link, and a watcher reports what lies behind it.
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
