import type { Descriptor } from '../../domain/description/descriptor.js';
import { resolveHref } from '../../domain/description/href.js';
import { type JudgedState, judgeState } from '../../domain/description/image-state.js';
import { readError } from '../../domain/description/read-error.js';
import type { ReadingCost } from '../../domain/description/reading.js';
import { toJson } from '../../domain/text/printable.js';
import { standsAlone } from '../../ovf/next-step.js';
import { readImage } from '../../ovf/read-image.js';
import { inspectedToJson } from '../../wire/description.js';
import { eachFile } from '../files/each-file.js';
import type { FileBeside, ImagePlace, OpenPlace } from '../files/image-place.js';
import { descriptionLines } from '../reports/description-view.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeLines } from '../terminal/io.js';

export interface InspectOptions {
  /** Whose space the files are in; not set: they are on this machine. */
  readonly user?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * `ovadex inspect`: reads files on this machine or in a space as the crawl reads those of a storage, and tells what they
 * are and whether they deploy. Nothing is stored. A file that can't be opened is reported, and the others are read all
 * the same.
 */
export async function inspect(
  files: readonly string[],
  options: InspectOptions,
  io: Io,
  open: OpenPlace,
): Promise<number> {
  let isFirst = true;
  return await eachFile(files, options, io, open, async (file, place) => {
    const { descriptor, judged, cost } = await inspectFile(file, place);
    if (options.json === true) writeLines(io.stdout, toJson(inspectedToJson(file, descriptor, judged, cost)));
    else writeLines(io.stdout, ...(isFirst ? [] : ['']), ...descriptionLines(file, descriptor, judged));
    isFirst = false;
    return EXIT.ok;
  });
}

interface Inspected {
  readonly descriptor: Descriptor | null;
  readonly judged: JudgedState;
  readonly cost: ReadingCost;
}

async function inspectFile(file: string, place: ImagePlace): Promise<Inspected> {
  const { name, sizeBytes, isSettled, parts } = await place.open(file);
  const source = await parts();
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
  if (attempt.kind !== 'read') throw readError(attempt);
  const { reading } = attempt;
  const descriptor = reading.kind === 'described' ? reading.descriptor : null;
  // Only what stands alone has its files beside it, whatever it is called.
  const isAlone = standsAlone(name, start);
  const siblings = isAlone && descriptor !== null ? await siblingsOf(file, descriptor, place) : null;
  const judged = judgeState({ name: isAlone ? `${name}.ovf` : name, isSettled }, reading, siblings);
  return { descriptor, judged, cost };
}

/** Lists the files beside a descriptor that it may refer to; a folder may have any number of others. */
async function siblingsOf(
  file: string,
  { files }: Descriptor,
  place: ImagePlace,
): Promise<readonly FileBeside[] | null> {
  const targets = files.map(({ href }) => resolveHref(href));
  return await place.beside(
    file,
    new Set(targets.flatMap((each) => (each.kind === 'inside' ? [each.path, each.written] : []))),
  );
}
