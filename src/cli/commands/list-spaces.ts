import type { Index } from '../../app/open-index.js';
import { syncIntervalMs } from '../../app/settings/settings-in-effect.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { expectedAge } from '../../domain/freshness/change-rate.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { compareBy } from '../../domain/lists/order.js';
import { SPACE_LIST, spaceKeyOf } from '../../domain/lists/space-list.js';
import {
  awaitedSpace,
  parseSpaceSort,
  parseStates,
  tallyStates,
  troubleInWords,
} from '../../domain/lists/space-states.js';
import { OvadexError } from '../../domain/model/errors.js';
import { type Space, type SpaceState, stateOf } from '../../domain/model/space.js';
import { USER_PLACEHOLDER } from '../../domain/model/user-auth.js';
import { lookOf, NO_CONTEXT, type SpaceContext, type SpaceLook } from '../../domain/policy/space-look.js';
import type { Clock } from '../../domain/ports/clock.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { quote } from '../../domain/text/quote.js';
import { shortSpanOf } from '../../domain/text/span.js';
import { spaceToJson } from '../../wire/space.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';
import { type Column, renderTable } from '../terminal/table.js';

export interface ListSpacesOptions {
  readonly config: string;
  readonly user?: readonly string[];
  readonly state?: readonly string[];
  readonly sort?: string;
  readonly json?: boolean;
}

export interface ListSpacesDeps {
  /** Returns null if there is no index yet. */
  readonly openIfAny: (config: Config) => Promise<Pick<Index, 'catalogue' | 'close'> | null>;
  readonly clock: Clock;
}

interface Row {
  readonly space: Space;
  readonly state: SpaceState;
  readonly look: SpaceLook;
  readonly now: number;
}

/**
 * `ovadex spaces`: lists every space with its condition, including those that are configured but were never synced. The
 * exit code is `incomplete` if a listed space has trouble.
 */
export async function listSpaces(options: ListSpacesOptions, io: Io, deps: ListSpacesDeps): Promise<number> {
  const states = options.state === undefined ? null : parseStates(options.state);
  const order = orderOf(SPACE_LIST, parseSpaceSort(options.sort ?? ''));
  const config = await loadConfig(options.config);
  const { spaces, context } = await readSpaces(config, deps);
  const now = deps.clock();
  const intervalMs = syncIntervalMs(config);
  const isSearchAllowed = config.crawl.search !== 'off';
  const all = spaces.map((space): Row => {
    const look = lookOf(space, context, isSearchAllowed);
    return { space, state: stateOf(space, now, intervalMs), look, now };
  });
  const named = options.user === undefined ? all : options.user.map((user) => rowOf(all, user));
  const rows = states === null ? [...named] : named.filter(({ state }) => states.has(state));
  const compare = compareBy(order, spaceKeyOf);
  rows.sort((a, b) => compare(a.space, b.space));

  if (options.json === true)
    writeJson(io.stdout, {
      spaces: rows.map(({ space, state, look }) => spaceToJson(space, state, look, now, timestampInSeconds)),
    });
  else {
    if (rows.length > 0) writeLines(io.stdout, renderTable(COLUMNS, rows));
    const shown = rows.length === all.length ? '' : `; ${rows.length} listed`;
    writeLines(io.stderr, `${tallyStates(all.map(({ state }) => state))}${shown}`, ...tallyImages(all));
  }
  if (options.user === undefined) writeLines(io.stderr, ...emptyDiscoveries(config, spaces));
  return rows.every(({ state }) => state === 'fresh' || state === 'pending') ? EXIT.ok : EXIT.incomplete;
}

/** Spaces of the index, and those of the configuration that it doesn't know yet. */
async function readSpaces(
  config: Config,
  deps: ListSpacesDeps,
): Promise<{ readonly spaces: readonly Space[]; readonly context: SpaceContext }> {
  const index = await deps.openIfAny(config);
  try {
    const known = (await index?.catalogue.listSpaces())?.spaces ?? [];
    const context = (await index?.catalogue.spaceContext(known)) ?? NO_CONTEXT;
    const users = new Set(known.map(({ user }) => user));
    return { spaces: [...known, ...config.spaces.filter(({ user }) => !users.has(user)).map(awaitedSpace)], context };
  } finally {
    await index?.close();
  }
}

/** Says how many images have been described so far, if any waits or doesn't deploy. */
function tallyImages(rows: readonly Row[]): readonly string[] {
  const sumOf = (key: 'describedImages' | 'waitingImages' | 'incompleteImages' | 'brokenImages') =>
    rows.reduce((sum, { space }) => sum + space[key], 0);
  const told = [
    [sumOf('waitingImages'), 'waiting to be read'],
    [sumOf('incompleteImages'), 'incomplete'],
    [sumOf('brokenImages'), 'broken'],
  ] as const;
  const some = told.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`);
  return some.length === 0 ? [] : [[`${counted(sumOf('describedImages'), 'image')} described`, ...some].join(', ')];
}

function rowOf(rows: readonly Row[], user: string): Row {
  const found = rows.find(({ space }) => space.user === user);
  if (found !== undefined) return found;
  throw new OvadexError('not-found', `there is no space of user ${quote(user)}`);
}

/** Returns what the URLs of all users have in common. */
function fixedPartOf(url: string): string {
  return url.split(USER_PLACEHOLDER, 1).join('');
}

function emptyDiscoveries({ discoveries }: Config, spaces: readonly Space[]): readonly string[] {
  return discoveries
    .filter(({ url, spaceUrl = url }) => !spaces.some((space) => space.url.startsWith(fixedPartOf(spaceUrl))))
    .map(
      ({ url }) =>
        `${url}: no user of this discovery is known yet; ovadex config check --online tells whether it can be listed`,
    );
}

/** Narrow enough for 80 columns of a terminal, up to the trouble. */
const COLUMNS: readonly Column<Row>[] = [
  { head: 'USER', value: ({ space }) => space.user },
  { head: 'STATE', value: ({ state }) => state },
  { head: 'IMAGES', align: 'right', value: ({ space }) => space.images },
  { head: 'BAD', align: 'right', value: ({ space }) => space.incompleteImages + space.brokenImages || '-' },
  { head: 'HELD', align: 'right', value: ({ space }) => space.heldRemovals ?? '-' },
  { head: 'LINKED', value: ({ look }) => (look.isLinked ? 'yes' : '-') },
  { head: 'LOOK', value: ({ look }) => look.way },
  { head: 'AGE', align: 'right', value: ({ space, now }) => spanOrDash(ageOf(space, now)) },
  { head: 'LAG', align: 'right', value: lagOf },
  { head: 'EVERY', align: 'right', value: ({ look }) => spanOrDash(look.intervalMs) },
  { head: 'NEXT', align: 'right', value: nextOf },
  { head: 'TROUBLE', value: ({ space }) => troubleInWords(space) ?? '-' },
];

/** Returns `due` if its time has come and it waits for its turn or for a daemon. */
function nextOf({ space: { nextSyncAt }, now }: Row): string {
  if (nextSyncAt !== null && nextSyncAt <= now) return 'due';
  return spanOrDash(nextSyncAt === null ? null : nextSyncAt - now);
}

/** Returns the time since its last sync that left nothing unlisted, in ms. */
function ageOf({ lastSuccessAt }: Space, now: number): number | null {
  return lastSuccessAt === null ? null : Math.max(0, now - lastSuccessAt);
}

/** Returns for how long the list has been outdated on average, by how often the space changes. */
function lagOf({ space, now }: Row): string {
  const age = ageOf(space, now);
  return spanOrDash(age === null ? null : expectedAge(space.rate, age));
}

function spanOrDash(ms: number | null): string {
  return ms === null ? '-' : shortSpanOf(ms);
}
