import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { parseImageFilter, parseSort } from '../../domain/lists/image-list.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Image } from '../../domain/model/image.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { imageToJson } from '../../wire/image.js';
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
  readonly json?: boolean;
}

export type OpenImages = (config: Config, options: { readonly: true }) => Pick<Index, 'catalogue' | 'close'>;

/** `ovadex images`: lists a user's images from the index, without asking the storage. */
export async function images(options: ImagesOptions, io: Io, open: OpenImages): Promise<number> {
  const sort = parseSort(options.sort ?? '');
  const filter = (options.filter ?? []).flatMap(parseImageFilter);
  const config = await loadConfig(options.config);
  const index = open(config, { readonly: true });
  try {
    const nameContains = (options.name ?? []).filter((part) => part !== '');
    const found = await index.catalogue.images(options.user, { nameContains, filter, sort });
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
        images: found.images.map((image) => imageToJson(image, timestampInSeconds)),
      });
      return EXIT.ok;
    }
    if (found.images.length > 0) writeLines(io.stdout, renderTable(COLUMNS, found.images));
    const age = space.lastSuccessAt === null ? 'never fully synced' : `synced ${formatTime(space.lastSuccessAt)}`;
    writeLines(io.stderr, `${grouped(found.images.length)} of ${counted(space.images, 'image')}, ${age}`);
    return EXIT.ok;
  } finally {
    index.close();
  }
}

const COLUMNS: readonly Column<Image>[] = [
  { head: 'NAME', value: ({ name }) => name },
  { head: 'SIZE', align: 'right', value: ({ sizeBytes }) => formatSize(sizeBytes) },
  { head: 'UPDATED', value: ({ updatedAt }) => formatTime(updatedAt) ?? '-' },
  { head: 'SETTLED', value: ({ isSettled }) => (isSettled ? 'yes' : 'no') },
  { head: 'PATH', value: ({ path }) => path },
];
