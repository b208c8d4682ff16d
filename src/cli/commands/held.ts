import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { type Cursor, cursorAt } from '../../domain/lists/cursor.js';
import { adviceOnHeld, HELD_LIST, type HeldImage, heldKeyOf } from '../../domain/lists/held-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { MAX_PER_PAGE } from '../../domain/lists/page.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Space } from '../../domain/model/space.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { agreeing, countedOf } from '../../domain/text/counted.js';
import { heldImageToJson } from '../../wire/image.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatSize, formatTime, renderTable } from '../terminal/table.js';

export interface HeldOptions {
  readonly config: string;
  readonly user: string;
  readonly json?: boolean;
}

export type OpenHeld = (
  config: Config,
  options: { readonly readonly: true },
) => Promise<Pick<Index, 'catalogue' | 'close'>>;

/**
 * `ovadex held`: lists the images that a held removal would take away, why it is held, and what to do. The exit code is
 * `incomplete` if there is one.
 */
export async function held(options: HeldOptions, io: Io, open: OpenHeld): Promise<number> {
  const config = await loadConfig(options.config);
  const index = await open(config, { readonly: true });
  try {
    const { space, images } = await readAll(index.catalogue, options.user);
    const action = adviceOnHeld(space);
    if (options.json === true) writeJson(io.stdout, jsonOf(space, images, action));
    else {
      if (images.length > 0) writeLines(io.stdout, renderTable(COLUMNS, images));
      writeLines(io.stderr, ...summaryOf(space, images, action).map(printable));
    }
    return space.heldRemovals === null ? EXIT.ok : EXIT.incomplete;
  } finally {
    await index.close();
  }
}

/** Reads all held images by path, page by page, so that the length of the list doesn't matter. */
async function readAll(catalogue: Pick<ImageCatalogue, 'held'>, user: string) {
  const { byDefault: sort } = HELD_LIST;
  const order = orderOf(HELD_LIST, sort);
  const images: HeldImage[] = [];
  for (let cursor: Cursor | null = null; ; ) {
    const page = { number: 1, size: MAX_PER_PAGE, cursor };
    const found = await catalogue.held(user, { nameContains: [], sort, page });
    if (found === null) throw new OvadexError('not-found', `the index has no space of user "${user}"`);
    images.push(...found.images);
    const last = found.images.at(-1);
    if (last === undefined || !found.place.hasAfter) return { space: found.space, images };
    cursor = cursorAt('after', order, heldKeyOf, last);
  }
}

const COLUMNS: readonly Column<HeldImage>[] = [
  { head: 'SIZE', align: 'right', value: ({ sizeBytes }) => formatSize(sizeBytes) },
  { head: 'MISSED SINCE', value: ({ missedSince }) => formatTime(missedSince) ?? '-' },
  { head: 'PATH', value: ({ path }) => path },
];

function summaryOf(
  { user, heldRemovals, heldReasons, images: shown }: Space,
  images: readonly HeldImage[],
  action: string | null,
): readonly string[] {
  if (heldRemovals === null) return [`no removal is held in the space of "${user}"`];
  const total = `${countedOf(images.length, shown, 'image')} of "${user}" ${agreeing(images.length, 'is', 'are')} missing from the storage and still listed, ${sizeOf(images)}`;
  return [
    total,
    ...heldReasons.map((reason) => `why: ${reason}`),
    ...(action === null ? [] : [`what to do: ${action}`]),
  ];
}

function sizeOf(images: readonly HeldImage[]): string {
  const unknown = images.filter(({ sizeBytes }) => sizeBytes === null).length;
  const known = formatSize(images.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0));
  return unknown === 0 ? `${known} in all` : `${known} in all, but ${unknown} of unknown size`;
}

function jsonOf(space: Space, images: readonly HeldImage[], action: string | null): object {
  return {
    user: space.user,
    held_removals: space.heldRemovals,
    removals_refused: space.isRemovalRefused,
    reasons: space.heldReasons,
    action,
    count: images.length,
    images: images.map((image) => heldImageToJson(image, timestampInSeconds)),
  };
}
