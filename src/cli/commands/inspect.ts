import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Descriptor } from '../../domain/description/descriptor.js';
import { resolveHref } from '../../domain/description/href.js';
import { type JudgedState, judgeState, type Sibling } from '../../domain/description/image-state.js';
import type { ReadingCost } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';
import { pathFromBytes } from '../../domain/model/path.js';
import { toJson } from '../../domain/text/printable.js';
import { standsAlone } from '../../ovf/next-step.js';
import { readImage } from '../../ovf/read-image.js';
import { openLocalFile } from '../../platform/file-source.js';
import { inspectedToJson } from '../../wire/description.js';
import { descriptionLines } from '../reports/description-view.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeLines } from '../terminal/io.js';
import { isSystemError, whyUnread } from '../terminal/local-files.js';

/**
 * `ovadex inspect`: reads local files as those of a storage are read, and tells what they are and whether they deploy.
 * A file that can't be opened is reported, and the others are read all the same.
 */
export async function inspect(
  files: readonly string[],
  options: { readonly json?: boolean },
  io: Io,
  read: ListFolder = readFolder,
): Promise<number> {
  let code: number = EXIT.ok;
  let isFirst = true;
  const listFolder = rememberingLast(read);
  for (const file of files) {
    try {
      const { descriptor, judged, cost } = await inspectFile(file, listFolder);
      if (options.json === true) writeLines(io.stdout, toJson(inspectedToJson(file, descriptor, judged, cost)));
      else writeLines(io.stdout, ...(isFirst ? [] : ['']), ...descriptionLines(file, descriptor, judged));
      isFirst = false;
    } catch (error) {
      if (!(error instanceof OvadexError) && !isSystemError(error)) throw error;
      writeLines(io.stderr, `ovadex: ${printable(file)}: ${whyUnread(error)}`);
      code = EXIT.notFound;
    }
  }
  return code;
}

interface Inspected {
  readonly descriptor: Descriptor | null;
  readonly judged: JudgedState;
  readonly cost: ReadingCost;
}

async function inspectFile(file: string, listFolder: ListFolder): Promise<Inspected> {
  const { sizeBytes, source } = await openLocalFile(file);
  const name = basename(file);
  let start: Uint8Array = new Uint8Array();
  const attempt = await readImage(name, sizeBytes, {
    ...source,
    read: async (from, end) => {
      const answer = await source.read(from, end);
      if (from === 0 && answer.kind === 'bytes') start = answer.bytes;
      return answer;
    },
  });
  const cost = source.cost();
  if (attempt.kind === 'failed' || attempt.kind === 'changed') throw new OvadexError('unavailable', attempt.detail);
  const { reading } = attempt;
  const descriptor = reading.kind === 'described' ? reading.descriptor : null;
  // Only what stands alone has its files beside it, whatever it is called.
  const isAlone = standsAlone(name, start);
  const siblings = isAlone && descriptor !== null ? await siblingsOf(file, descriptor, listFolder) : null;
  const judged = judgeState({ name: isAlone ? `${name}.ovf` : name, isSettled: true }, reading, siblings);
  return { descriptor, judged, cost };
}

/** The names in a folder as the system has them, by what they read as; those of chunks by the name of the whole too. */
type Folder = ReadonlyMap<string, readonly Buffer[]>;
type ListFolder = (folder: string) => Promise<Folder>;

/** Lists the files of a local folder, which takes as long as there are files in it. */
export async function readFolder(folder: string): Promise<Folder> {
  const names = new Map<string, Buffer[]>();
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = pathFromBytes(bytes);
    for (const key of new Set([name, name.replace(/\.\d{9}$/, '')])) {
      const alike = names.get(key);
      if (alike === undefined) names.set(key, [bytes]);
      else alike.push(bytes);
    }
  }
  return names;
}

/** Lists a folder once for all of its files that come one after another: it may have very many. */
function rememberingLast(list: ListFolder): ListFolder {
  let last: { readonly folder: string; readonly names: Folder } | null = null;
  return async (folder) => {
    if (last?.folder !== folder) last = { folder, names: await list(folder) };
    return last.names;
  };
}

/** Lists the files beside a descriptor that it may refer to; a folder may have any number of others. */
async function siblingsOf(file: string, { files }: Descriptor, listFolder: ListFolder): Promise<readonly Sibling[]> {
  const folder = dirname(file);
  const names = await listFolder(folder);
  const siblings = new Map<string, Sibling>();
  for (const { href } of files) {
    const target = resolveHref(href);
    for (const bytes of target.kind === 'inside' ? (names.get(target.path) ?? []) : []) {
      const name = pathFromBytes(bytes);
      if (siblings.has(name)) continue;
      const found = await statIfThere(Buffer.concat([Buffer.from(join(folder, '/')), bytes]));
      if (found?.isFile() === true) siblings.set(name, { name, sizeBytes: found.size });
    }
  }
  return [...siblings.values()];
}

async function statIfThere(path: Buffer): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    // A link that leads nowhere, or a file that went a moment ago.
    if (isSystemError(error)) return null;
    throw error;
  }
}
