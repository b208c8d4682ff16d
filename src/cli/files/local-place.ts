import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nameOfWhole } from '../../domain/description/href.js';
import { FileChanged, OvadexError } from '../../domain/model/errors.js';
import { pathFromBytes } from '../../domain/model/path.js';
import { openLocalFile } from '../../platform/file-source.js';
import { isSystemError } from '../terminal/local-files.js';
import type { FileBeside, ImagePlace } from './image-place.js';
import type { RequireSame } from './still-same.js';

/** The names in a folder as the system has them, by what they read as; those of chunks by the name of the whole too. */
type Folder = ReadonlyMap<string, readonly Buffer[]>;
export type ListFolder = (folder: string) => Promise<Folder>;

/** Lists the files of a local folder, which takes as long as there are files in it. */
export async function readFolder(folder: string): Promise<Folder> {
  const names = new Map<string, Buffer[]>();
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = pathFromBytes(bytes);
    for (const key of new Set([name, nameOfWhole(name)])) {
      const alike = names.get(key);
      if (alike === undefined) names.set(key, [bytes]);
      else alike.push(bytes);
    }
  }
  return names;
}

/** The files of this machine. */
export function localPlace(list: ListFolder = readFolder): ImagePlace {
  const listFolder = rememberingLast(list);
  return {
    async open(file) {
      const found = await statOfFile(file);
      const open = async () => (await openLocalFile(file)).source;
      return {
        name: basename(file),
        sizeBytes: found.size,
        isSettled: true,
        parts: open,
        stream: open,
        requireSame: requiringSame(file, found),
      };
    },
    async beside(file, wanted) {
      const folder = dirname(file);
      const names = await listFolder(folder);
      const files = new Map<string, FileBeside>();
      for (const bytes of [...(wanted ?? names.keys())].flatMap((name) => names.get(name) ?? [])) {
        const name = pathFromBytes(bytes);
        if (files.has(name)) continue;
        const path = Buffer.concat([Buffer.from(join(folder, '/')), bytes]);
        const found = await statIfThere(path);
        if (found?.isFile() !== true) continue;
        const stream = async () => (await openLocalFile(path)).source;
        files.set(name, { name, sizeBytes: found.size, stream, requireSame: requiringSame(path, found) });
      }
      return [...files.values()];
    },
    close: async () => undefined,
  };
}

async function statOfFile(file: string): Promise<Stats> {
  const found = await stat(file);
  if (found.isFile()) return found;
  throw new OvadexError('not-found', found.isDirectory() ? 'is a folder' : 'is not a regular file');
}

/** A file that was replaced is another one by its number, even if it has the size and the date of the former. */
function requiringSame(path: string | Buffer, before: Stats): RequireSame {
  return async () => {
    const now = await statIfThere(path);
    if (now === null) throw new FileChanged('it is gone');
    if (now.size !== before.size) throw new FileChanged(`it has ${now.size} bytes by now`);
    if (now.mtimeMs !== before.mtimeMs) throw new FileChanged('somebody wrote to it');
    if (now.ino !== before.ino || now.dev !== before.dev) throw new FileChanged('another file took its place');
  };
}

/** Lists a folder once for all of its files that come one after another: it may have very many. */
function rememberingLast(list: ListFolder): ListFolder {
  let last: { readonly folder: string; readonly names: Folder } | null = null;
  return async (folder) => {
    if (last?.folder !== folder) last = { folder, names: await list(folder) };
    return last.names;
  };
}

async function statIfThere(path: string | Buffer): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    // A link that leads nowhere, or a file that went a moment ago.
    if (isSystemError(error)) return null;
    throw error;
  }
}
