import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { OvadexError } from '../domain/errors.js';
import { pruningOf } from '../domain/markers.js';
import type { Clock } from '../domain/ports.js';
import { type Space, stateOf } from '../domain/space.js';
import type { Index } from '../open-index.js';
import type { CommandAudit } from './command-audit.js';
import { EXIT } from './exit-code.js';
import { type Io, printable, writeJson, writeLines } from './io.js';
import { type Column, formatTime, renderTable } from './table.js';

export interface SpacesOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface SpaceOptions {
  readonly config: string;
  readonly user: string;
}

type SpaceIndex = Pick<Index, 'catalogue' | 'close'> & {
  readonly spaces: Pick<Index['spaces'], 'acceptRemovals' | 'refuseRemovals' | 'resume'>;
};

/** What the commands on spaces need of the program around them. */
export interface SpacesDeps {
  readonly open: (config: Config, options?: { readonly: boolean }) => SpaceIndex;
  readonly clock: Clock;
  readonly audit: CommandAudit;
  /** The longest time between two scheduled syncs, in ms. */
  readonly intervalOf: (schedule: string, timeZone: string | null) => number;
}

interface Row {
  readonly space: Space;
  readonly state: string;
}

/** `ovadex spaces`: every space and its condition. The exit code is `incomplete` where one has trouble. */
export async function listSpaces(options: SpacesOptions, io: Io, deps: SpacesDeps): Promise<number> {
  const config = await loadConfig(options.config);
  const index = deps.open(config, { readonly: true });
  try {
    const intervalMs = deps.intervalOf(config.crawl.schedule, config.crawl.timeZone);
    const spaces = await index.catalogue.spaces();
    const rows = spaces.map((space): Row => ({ space, state: stateOf(space, deps.clock(), intervalMs) }));
    if (options.json === true) writeJson(io.stdout, { spaces: rows.map(describe) });
    else if (rows.length === 0) writeLines(io.stdout, 'no spaces');
    else writeLines(io.stdout, renderTable(COLUMNS, rows));
    for (const { url } of config.discoveries) {
      if (spaces.some((space) => space.url.startsWith(url))) continue;
      const advice = 'ovadex config check --online tells whether it can be listed';
      writeLines(io.stderr, `${url}: no user of this discovery is known yet; ${advice}`);
    }
    return rows.every(({ state }) => state === 'fresh' || state === 'pending') ? EXIT.ok : EXIT.incomplete;
  } finally {
    index.close();
  }
}

/** `ovadex accept`: lets the held removals of a space through at its next sync, which a running daemon starts at once. */
export async function acceptRemovals(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('accept', options, io, deps, async ({ id, user, heldRemovals }, index) => {
    if (heldRemovals === null) throw new OvadexError('usage', `no removal is held in the space of "${user}"`);
    await index.spaces.acceptRemovals(id);
    writeLines(io.stdout, `the space of "${printable(user)}": the next sync may remove what is gone from the storage`);
  });
}

/** `ovadex keep`: keeps what a held removal would take away, until one is accepted or the storage shows it again. */
export async function keepImages(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('keep', options, io, deps, async ({ id, user, heldRemovals }, index) => {
    if (heldRemovals === null) throw new OvadexError('usage', `no removal is held in the space of "${user}"`);
    await index.spaces.refuseRemovals(id);
    writeLines(
      io.stdout,
      `the space of "${printable(user)}": what is held stays until the storage shows it again or it is accepted`,
    );
  });
}

/** `ovadex resume`: ends the suspension of a space; a running daemon tries it at once. */
export async function resumeSpace(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('resume', options, io, deps, async ({ id, user, trouble }, index) => {
    if (trouble?.kind !== 'unauthorized') throw new OvadexError('usage', `the space of "${user}" is not suspended`);
    await index.spaces.resume(id);
    writeLines(io.stdout, `the space of "${printable(user)}" is tried again`);
  });
}

async function withSpace(
  what: string,
  { config: file, user }: SpaceOptions,
  io: Io,
  deps: SpacesDeps,
  act: (space: Space, index: SpaceIndex) => Promise<void>,
): Promise<number> {
  const config = await loadConfig(file);
  const index = deps.open(config);
  try {
    const space = await index.catalogue.space(user);
    if (space === null) throw new OvadexError('not-found', `the index has no space of user "${user}"`);
    await act(space, index);
    deps.audit(config, io, what, { user });
    return EXIT.ok;
  } finally {
    index.close();
  }
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'USER', value: ({ space }) => space.user },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'IMAGES', align: 'right', value: ({ space }) => space.images },
  { head: 'COLLECTIONS', align: 'right', value: ({ space }) => space.collections },
  { head: 'HELD', align: 'right', value: ({ space }) => space.heldRemovals ?? '-' },
  { head: 'PRUNING', value: ({ space }) => pruningOf(space.evidence) },
  { head: 'LAST WHOLE SYNC', value: ({ space }) => formatTime(space.lastSuccessAt) ?? '-' },
  { head: 'NEXT', value: ({ space }) => formatTime(space.nextSyncAt) ?? '-' },
  { head: 'TROUBLE', value: ({ space }) => space.trouble?.message ?? '-' },
];

/** A space in the words of the HTTP API. */
function describe({ space, state }: Row): object {
  return {
    user: space.user,
    url: space.url,
    state,
    images: space.images,
    collections: space.collections,
    revision: space.revision,
    last_success_on: formatTime(space.lastSuccessAt),
    last_sync_on: formatTime(space.lastSyncAt),
    last_error: space.trouble && {
      kind: space.trouble.kind,
      message: space.trouble.message,
      on: formatTime(space.trouble.at),
    },
    held_removals: space.heldRemovals,
    removals_refused: space.isRemovalRefused,
    next_sync_on: formatTime(space.nextSyncAt),
    pruning: pruningOf(space.evidence),
    mismatches: space.evidence.mismatches,
  };
}
