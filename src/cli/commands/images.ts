import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { comparable, type DescribedImage } from '../../domain/description/short-description.js';
import type { FilterTerm } from '../../domain/lists/filter.js';
import { type ImageField, parseImageFilter, parseSort } from '../../domain/lists/image-list.js';
import { parseImageStates, parseInclude } from '../../domain/lists/image-words.js';
import { OvadexError } from '../../domain/model/errors.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { imageToJson, withOvf } from '../../wire/image.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatSize, formatTime, renderTable } from '../terminal/table.js';

export interface ImagesOptions {
  readonly config: string;
  readonly user: string;
  readonly name?: readonly string[];
  readonly filter?: readonly string[];
  readonly sort?: string;
  /** States, each text of one or several. */
  readonly state?: readonly string[];
  readonly include?: string;
  readonly json?: boolean;
}

export type OpenImages = (config: Config, options: { readonly: true }) => Promise<Pick<Index, 'catalogue' | 'close'>>;

/** `ovadex images`: lists a user's images from the index, without asking the storage. */
export async function images(options: ImagesOptions, io: Io, open: OpenImages): Promise<number> {
  const sort = parseSort(options.sort ?? '');
  const filter = [...(options.filter ?? []).flatMap(parseImageFilter), ...inStates(options.state ?? [])];
  const withShort = parseInclude(options.include ?? '').has('ovf');
  const config = await loadConfig(options.config);
  const index = await open(config, { readonly: true });
  try {
    const nameContains = (options.name ?? []).filter((part) => part !== '');
    const query = { nameContains, filter, sort };
    const found = await index.catalogue.images(options.user, withShort ? { ...query, withShort } : query);
    if (found === null) {
      throw new OvadexError(
        'not-found',
        `the index has no space of user "${options.user}"; a space is added by its first sync after it was configured`,
      );
    }
    const { space } = found;
    if (options.json === true) {
      writeJson(io.stdout, {
        user: space.user,
        revision: space.revision,
        synced_on: timestampInSeconds(space.lastSuccessAt),
        count: found.images.length,
        images: found.images.map((image) => {
          const json = imageToJson(image, timestampInSeconds);
          return withShort ? withOvf(json, image) : json;
        }),
      });
      return EXIT.ok;
    }
    const columns = withShort ? [...COLUMNS, ...OVF_COLUMNS, PATH] : [...COLUMNS, PATH];
    if (found.images.length > 0) writeLines(io.stdout, renderTable(columns, found.images));
    const age = space.lastSuccessAt === null ? 'never fully synced' : `synced ${formatTime(space.lastSuccessAt)}`;
    writeLines(io.stderr, `${grouped(found.images.length)} of ${counted(space.images, 'image')}, ${age}`);
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** Returns the condition that images be in one of these states; none if no state is named. */
function inStates(texts: readonly string[]): readonly FilterTerm<ImageField>[] {
  const values = [...parseImageStates(texts)];
  return values.length === 0 ? [] : [{ field: 'state', operator: 'in', values }];
}

const COLUMNS: readonly Column<DescribedImage>[] = [
  { head: 'NAME', value: ({ name }) => name },
  { head: 'SIZE', align: 'right', value: ({ sizeBytes }) => formatSize(sizeBytes) },
  { head: 'UPDATED', value: ({ updatedAt }) => formatTime(updatedAt) ?? '-' },
  { head: 'STATE', value: ({ state }) => state },
];
const OVF_COLUMNS: readonly Column<DescribedImage>[] = [
  { head: 'OS', value: ({ short }) => short?.os ?? '-' },
  { head: 'CPUS', align: 'right', value: ({ short }) => `${short?.cpus ?? '-'}` },
  { head: 'MEMORY', align: 'right', value: ({ short }) => formatSize(inBytes(short?.memoryMib ?? null)) },
  { head: 'DISKS', align: 'right', value: ({ short }) => formatSize(comparable(short?.capacityBytes ?? null)) },
];
const PATH: Column<DescribedImage> = { head: 'PATH', value: ({ path }) => path };

function inBytes(mebibytes: number | null): number | null {
  return mebibytes === null ? null : mebibytes * 1_048_576;
}
