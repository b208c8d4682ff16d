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

/**
 * `ovadex inspect`: reads local files as those of a storage are read, and tells what they are and whether they deploy.
 * A file that can't be opened is reported, and the others are read all the same.
 */
export async function inspect(files: readonly string[], options: { readonly json?: boolean }, io: Io): Promise<number> {
  let code: number = EXIT.ok;
  let isFirst = true;
  for (const file of files) {
    try {
      const { descriptor, judged, cost } = await inspectFile(file);
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

async function inspectFile(file: string): Promise<Inspected> {
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
  const siblings = isAlone && descriptor !== null ? await siblingsOf(file, descriptor) : null;
  const judged = judgeState({ name: isAlone ? `${name}.ovf` : name, isSettled: true }, reading, siblings);
  return { descriptor, judged, cost };
}

/** Lists the files beside a descriptor that it may refer to; a folder may have any number of others. */
async function siblingsOf(file: string, { files }: Descriptor): Promise<readonly Sibling[]> {
  const targets = new Set<string>();
  for (const { href } of files) {
    const target = resolveHref(href);
    if (target.kind === 'inside') targets.add(target.path);
  }
  const folder = dirname(file);
  const siblings: Sibling[] = [];
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = pathFromBytes(bytes);
    if (!targets.has(name) && !targets.has(name.replace(/\.\d{9}$/, ''))) continue;
    const found = await statIfThere(Buffer.concat([Buffer.from(join(folder, '/')), bytes]));
    if (found?.isFile() === true) siblings.push({ name, sizeBytes: found.size });
  }
  return siblings;
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

function whyUnread(error: Error): string {
  const code = 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return "this account isn't allowed to read it";
  return error.message;
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
