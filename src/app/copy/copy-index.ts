import { createHash } from 'node:crypto';
import {
  COPY_BEGIN,
  type CopyPlace,
  differenceOf,
  keysWithout,
  placeAfter,
  rowsToPut,
} from '../../domain/copy/copy-place.js';
import {
  type CopiedRow,
  INDEX_TABLES,
  type IndexTable,
  type Key,
  keyOf,
  tableNamed,
} from '../../domain/copy/index-tables.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { CopiedRows, CopySource, CopyTarget } from '../../domain/ports/index-copy.js';

/** Rows that are read and written at once: some megabytes. */
const ROWS_AT_ONCE = 2_000;

/** What a copy does at the moment. */
export interface CopyProgress {
  readonly phase: CopyPlace['phase'];
  readonly table: string;
  /** Rows of this table that this run has looked at. */
  readonly rows: number;
}

export interface CopyOptions {
  /** Ends it after a step; it can be gone on with. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly rowsAtOnce?: number;
  readonly clock?: Clock;
}

export interface CopyOutcome {
  /** How many rows of each table were compared and are the same. */
  readonly rows: Readonly<Record<string, number>>;
  /** It goes on with one that was broken off. */
  readonly isResumed: boolean;
  /** The copy is an index; false: the source is in use, so the same has to be done again when nobody writes to it any more. */
  readonly isFinished: boolean;
}

/**
 * Copies all rows of an index, with their ids, compares them, and makes an index of them that daemons can open. The copy
 * is of one moment, and may be broken off at any time: the next one goes on. While the source is in use the copy is not
 * finished; doing the same later copies what has changed. Rejects with OvadexError `conflict` if the target has another
 * index, and `index` if a database fails or rows differ after all.
 */
export async function copyIndex(
  source: CopySource,
  target: CopyTarget,
  options: CopyOptions = {},
): Promise<CopyOutcome> {
  const copied = await source.atOneMoment(async (its) => {
    const stamp = await stampOf(its, options);
    const begun = await target.begin(stamp);
    await bringOver(its, target, begun, options);
    const rows = await compare(its, target, options);
    if (typeof rows !== 'string') return { stamp, begun, rows, marks: await its.marks() };
    // Whatever was in the place where it went on: what is different is found from the beginning.
    await target.move(COMPARING, COPY_BEGIN);
    await bringOver(its, target, COPY_BEGIN, options);
    const again = await compare(its, target, options);
    if (typeof again === 'string') throw new OvadexError('index', `${target.name}: the copy isn't the same: ${again}`);
    return { stamp, begun, rows: again, marks: await its.marks() };
  });
  const isStill = async () =>
    !(await source.isInUse()) && (await source.atOneMoment((its) => stampOf(its, options))) === copied.stamp;
  const isFinished = await isStill();
  if (isFinished) await target.finish(copied.marks, (options.clock ?? Date.now)());
  return { rows: copied.rows, isResumed: copied.begun !== COPY_BEGIN, isFinished };
}

const COMPARING: CopyPlace = { phase: 'compare', table: null, after: null };

/** Removes and puts rows until the target's are those of the source. */
async function bringOver(its: CopiedRows, target: CopyTarget, begun: CopyPlace, options: CopyOptions): Promise<void> {
  let done = 0;
  for (let place = begun; place.table !== null; ) {
    options.signal?.throwIfAborted();
    const table = tableNamed(place.table);
    const { changes, last, rows } = await stepAt(place, table, its, target, options);
    const next = placeAfter(place, last);
    await target.move(place, next, changes);
    done += rows;
    options.onProgress?.({ phase: place.phase, table: table.name, rows: done });
    if (last === null) done = 0;
    place = next;
  }
}

/** Returns what has to be changed at a place, and the key of the last row that is done then; null: it ends the table. */
async function stepAt(
  { phase, after }: CopyPlace,
  table: IndexTable,
  its: CopiedRows,
  target: CopyTarget,
  { rowsAtOnce = ROWS_AT_ONCE }: CopyOptions,
) {
  const begin = { after, upTo: null, atMost: rowsAtOnce };
  if (phase === 'prune') {
    const theirs = await target.keys(table, begin);
    const last = theirs.length < rowsAtOnce ? null : (theirs.at(-1) ?? null);
    const known = theirs.length === 0 ? [] : await its.keys(table, { after, upTo: theirs.at(-1) ?? null });
    return { changes: { remove: keysWithout(theirs, known), put: [] }, last, rows: theirs.length };
  }
  const rows = fitAll(target, table, await its.rows(table, begin));
  const last = rows.length < rowsAtOnce ? null : lastKey(table, rows);
  const theirs = await target.rows(table, { after, upTo: last });
  return { changes: { remove: [], put: rowsToPut(table, rows, theirs) }, last, rows: rows.length };
}

/** Returns how many rows of each table are the same, or the first difference in words. */
async function compare(
  its: CopiedRows,
  target: CopyTarget,
  options: CopyOptions,
): Promise<Record<string, number> | string> {
  const { rowsAtOnce = ROWS_AT_ONCE, signal, onProgress } = options;
  const counts: Record<string, number> = {};
  for (const table of INDEX_TABLES) {
    let count = 0;
    for (let after: Key | null = null, isLast = false; !isLast; ) {
      signal?.throwIfAborted();
      const range = { after, upTo: null, atMost: rowsAtOnce };
      const [read, theirs] = await Promise.all([its.rows(table, range), target.rows(table, range)]);
      const rows = fitAll(target, table, read);
      const difference = differenceOf(table, rows, theirs);
      if (difference !== null) return difference;
      count += rows.length;
      onProgress?.({ phase: 'compare', table: table.name, rows: count });
      isLast = rows.length < rowsAtOnce;
      after = lastKey(table, rows);
    }
    counts[table.name] = count;
  }
  return counts;
}

/** Whoever writes to an index changes a row of its small tables, at the latest when the sync ends. */
async function stampOf(its: CopiedRows, { rowsAtOnce = ROWS_AT_ONCE, signal }: CopyOptions): Promise<string> {
  const hash = createHash('sha256');
  for (const table of INDEX_TABLES.filter(({ isSmall }) => isSmall)) {
    for (let after: Key | null = null, isLast = false; !isLast; ) {
      signal?.throwIfAborted();
      const rows = await its.rows(table, { after, upTo: null, atMost: rowsAtOnce });
      hash.update(JSON.stringify(rows));
      isLast = rows.length < rowsAtOnce;
      after = lastKey(table, rows);
    }
  }
  const { messagesBegun } = await its.marks();
  return hash.update(String(messagesBegun)).digest('hex');
}

function fitAll(target: CopyTarget, table: IndexTable, rows: readonly CopiedRow[]): readonly CopiedRow[] {
  return rows.map((row) => target.fit(table, row));
}

function lastKey(table: IndexTable, rows: readonly CopiedRow[]): Key | null {
  const last = rows.at(-1);
  return last === undefined ? null : keyOf(table, last);
}
