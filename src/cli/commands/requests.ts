import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { SYNC_STATUSES } from '../../domain/lists/sync-list.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Sync } from '../../domain/model/sync.js';
import type { Clock } from '../../domain/ports/clock.js';
import { adminSyncToJson } from '../../wire/sync.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatTime, renderTable } from '../terminal/table.js';

export interface RequestsOptions {
  readonly config: string;
  readonly user?: string;
  readonly status?: readonly string[];
  readonly limit?: string;
  readonly json?: boolean;
}

export interface RequestOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface RequestsDeps {
  readonly open: (config: Config, options?: { readonly readonly: boolean }) => Promise<Pick<Index, 'syncs' | 'close'>>;
  readonly clock: Clock;
  readonly audit: CommandAudit;
}

/** One screenful. */
const USUAL_LIMIT = 20;
/** The largest `--limit`: as many as the API lists without pages. */
const MAX_LIMIT = 10_000;

/** `ovadex requests`: lists syncs that are waiting, running or finished, newest first. */
export async function listRequests(options: RequestsOptions, io: Io, deps: RequestsDeps): Promise<number> {
  const limit = readLimit(options.limit);
  const statuses = options.status?.map(readStatus);
  const index = await deps.open(await loadConfig(options.config), { readonly: true });
  try {
    const filter = { ...(options.user === undefined ? {} : { user: options.user }), ...(statuses && { statuses }) };
    const syncs = await index.syncs.list({ ...filter, limit });
    if (options.json === true)
      writeJson(io.stdout, { requests: syncs.map((sync) => adminSyncToJson(sync, deps.clock(), timestampInSeconds)) });
    else if (syncs.length === 0) writeLines(io.stderr, 'no requests');
    else writeLines(io.stdout, renderTable(COLUMNS, syncs));
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex requests show ID`: shows one request in full, with its errors and warnings. */
export async function showRequest(id: string, options: RequestOptions, io: Io, deps: RequestsDeps): Promise<number> {
  const number = readId(id);
  const index = await deps.open(await loadConfig(options.config), { readonly: true });
  try {
    const sync = await find(index, number);
    const item = adminSyncToJson(sync, deps.clock(), timestampInSeconds);
    if (options.json === true) writeJson(io.stdout, item);
    else {
      const { message, ...facts } = item;
      const lines = Object.entries(facts).map(([name, value]) => `${name}: ${printable(String(value ?? '-'))}`);
      const troubles = [...message.errors, ...message.warnings].map((trouble) => `- ${printable(trouble)}`);
      writeLines(io.stdout, ...lines, ...troubles);
    }
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex requests cancel ID`: cancels a waiting request at once, and a running one within a second. */
export async function cancelRequest(id: string, options: RequestOptions, io: Io, deps: RequestsDeps): Promise<number> {
  const number = readId(id);
  const config = await loadConfig(options.config);
  const index = await deps.open(config);
  try {
    await find(index, number);
    const isCancelled = await index.syncs.cancel(number);
    const sync = await find(index, number);
    if (!isCancelled) throw new OvadexError('conflict', `request ${number} has already ended: ${sync.status}`);
    await deps.audit(config, io, 'cancel', { id: number, user: sync.user });
    if (options.json === true) writeJson(io.stdout, adminSyncToJson(sync, deps.clock(), timestampInSeconds));
    else writeLines(io.stdout, `request ${number} of "${printable(sync.user)}" is cancelled`);
    return EXIT.ok;
  } catch (error) {
    await deps.audit(config, io, 'cancel', { id: number }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

const COLUMNS: readonly Column<Sync>[] = [
  { head: 'ID', align: 'right', value: ({ id }) => id },
  { head: 'USER', value: ({ user }) => user },
  { head: 'STATUS', value: ({ status }) => status },
  { head: 'MODE', value: ({ mode }) => mode },
  { head: 'BY', value: ({ requestedBy, trigger }) => requestedBy ?? trigger },
  { head: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) ?? '-' },
  { head: 'ENDED', value: ({ endedAt }) => formatTime(endedAt) ?? '-' },
  { head: 'IMAGES', align: 'right', value: ({ counts }) => counts.images },
  { head: 'CHANGES', value: ({ counts: { added, altered, removed } }) => `+${added} ~${altered} -${removed}` },
  { head: 'TROUBLE', value: ({ errors, warnings }) => errors[0] ?? warnings[0] ?? '-' },
];

async function find({ syncs }: Pick<Index, 'syncs'>, id: number): Promise<Sync> {
  const sync = await syncs.find(id);
  if (sync === null) throw new OvadexError('not-found', `there is no request ${id}; see "ovadex requests"`);
  return sync;
}

function readId(id: string): number {
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new OvadexError('usage', `"${id}" is not a request id (ids are numbers); see "ovadex requests"`);
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return USUAL_LIMIT;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new OvadexError('usage', `--limit: "${text}" must be a whole number from 1 to ${MAX_LIMIT}`);
}

function readStatus(text: string) {
  const status = SYNC_STATUSES.find((known) => known === text.toUpperCase());
  if (status !== undefined) return status;
  throw new OvadexError('usage', `--status: "${text}" is not a status; use one of ${SYNC_STATUSES.join(', ')}`);
}
