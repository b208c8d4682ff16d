import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';
import { agreeing, counted } from '../../domain/text/counted.js';
import { APPLICATION_ID, BUSY_TIMEOUT_MS } from '../file/database.js';
import { openReadonly } from '../file/open-readonly.js';
import { checkHistory } from '../schema/migration-history.js';
import { compareCounters, compareImageCounters, FINDINGS_AT_MOST } from './check-counters.js';
import { compareNames } from './check-names.js';
import { compareGroups, compareReadings } from './check-readings.js';

/** The checks in their order, the quick ones first. */
export const CHECKS = ['schema', 'pages', 'references', 'counters', 'readings', 'names'] as const;
export type CheckName = (typeof CHECKS)[number];

/** Something that is wrong with an index file. */
export interface Defect {
  readonly check: CheckName;
  readonly detail: string;
}

export interface CheckedIndex {
  readonly file: string;
  /** Null if it can't be read. */
  readonly schema: number | null;
  /** The schema that this program would upgrade it to. */
  readonly newestSchema: number;
  readonly images: number | null;
  readonly spaces: number | null;
  /** Empty if all is well. */
  readonly findings: readonly Defect[];
}

/**
 * Checks everything in an index, and changes nothing: that it came from our migrations, its pages, the rows that refer
 * to others, and the counters of spaces, what was read of images and the trigram index against the rows. Others can read
 * and write meanwhile.
 * Throws OvadexError `not-found` for a missing file and `foreign` for one that belongs to another program.
 */
export function checkIndex(
  file: string,
  migrations: readonly Migration[],
  onCheck: (check: CheckName) => void = () => undefined,
): CheckedIndex {
  const findings: Defect[] = [];
  const checked = { file, newestSchema: migrations.length };
  const db = open(file);
  try {
    const run = <T>(check: CheckName, look: () => T): T | null => {
      onCheck(check);
      try {
        return look();
      } catch (error) {
        // An error that stops a check is what it was meant to find.
        const isOfFile = error instanceof OvadexError && error.code === 'index';
        if (!isOfFile && !(error instanceof Database.SqliteError)) throw error;
        const code = error instanceof Database.SqliteError ? ` (${error.code})` : '';
        findings.push({ check, detail: `${error.message}${code}` });
        return null;
      }
    };
    const note = (check: CheckName) => (detail: string) => void findings.push({ check, detail });

    const schema = run('schema', () => checkSchema(db, migrations, note('schema')));
    run('pages', () => checkPages(db, note('pages')));
    run('references', () => checkReferences(db, note('references')));
    const totals = run('counters', () => {
      const counted = compareCounters(db, note('counters'));
      if (schema !== null && schema >= FIRST_WITH_IMAGE_COUNTS) compareImageCounters(db, note('counters'));
      return counted;
    });
    if (schema !== null && schema >= FIRST_WITH_READINGS) run('readings', () => compareReadings(db, note('readings')));
    if (schema !== null && schema >= FIRST_WITH_GROUPS) run('readings', () => compareGroups(db, note('readings')));
    if (schema !== null && schema >= FIRST_WITH_TRIGRAMS) run('names', () => compareNames(db, note('names')));
    return { ...checked, schema, images: totals?.images ?? null, spaces: totals?.spaces ?? null, findings };
  } finally {
    db.close();
  }
}

/** The migration that created the index of names. */
const FIRST_WITH_TRIGRAMS = 4;
/** The migration since which images are read. */
const FIRST_WITH_READINGS = 18;
/** The migration since which spaces count their images by state. */
const FIRST_WITH_IMAGE_COUNTS = 19;
/** The migration since which images that are alike are counted. */
const FIRST_WITH_GROUPS = 20;

function open(file: string): Database.Database {
  try {
    return openReadonly(file, { timeoutMs: BUSY_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof Database.SqliteError) && !(error instanceof TypeError)) throw error;
    throw new OvadexError('not-found', `${file}: there is no readable index: ${error.message}`, {
      cause: error,
    });
  }
}

/** Returns the schema's version, if it is exactly what the migrations up to that make of an empty file. */
function checkSchema(db: Database.Database, migrations: readonly Migration[], note: (detail: string) => void): number {
  const id = db.pragma('application_id', { simple: true });
  if (id !== APPLICATION_ID) {
    throw new OvadexError(
      'foreign',
      `${db.name}: this is not an ovadex index (its application_id is ${String(id)}, not ${APPLICATION_ID})`,
    );
  }
  const version = checkHistory(db, migrations);
  const [wanted, found] = [createdBy(migrations.slice(0, version)), objectsOf(db)];
  for (const [name, sql] of wanted) {
    const own = found.get(name);
    if (own === undefined) note(`${name} is missing`);
    else if (own !== sql) note(`${name} differs from what the migrations create: ${own}`);
  }
  for (const name of found.keys()) if (!wanted.has(name)) note(`${name} does not belong to an ovadex index`);
  return version;
}

/** What `createdBy` answered last, and to which migrations: a backup and a restore check several files. */
let lastCreated: { readonly by: string; readonly objects: ReadonlyMap<string, string> } | null = null;

/** Returns the objects that these migrations create in an empty file. */
function createdBy(migrations: readonly Migration[]): ReadonlyMap<string, string> {
  const by = migrations.map(({ checksum }) => checksum).join();
  if (lastCreated?.by === by) return lastCreated.objects;
  const model = new Database(':memory:');
  try {
    for (const { sql } of migrations) model.exec(sql);
    lastCreated = { by, objects: objectsOf(model) };
    return lastCreated.objects;
  } finally {
    model.close();
  }
}

/** Returns all objects except SQLite's own tables, which come and go with its statistics. */
function objectsOf(db: Database.Database): ReadonlyMap<string, string> {
  const rows = db
    .prepare<[], [string, string]>(
      `SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .raw()
    .all();
  return new Map(rows);
}

function checkPages(db: Database.Database, note: (detail: string) => void): void {
  const rows = db.pragma(`integrity_check(${FINDINGS_AT_MOST})`) as { integrity_check: string }[];
  for (const { integrity_check: detail } of rows) if (detail !== 'ok') note(detail);
}

function checkReferences(db: Database.Database, note: (detail: string) => void): void {
  const rows = db
    .prepare<[], { table: string; rows: number; parent: string }>(
      'SELECT "table", count(*) AS rows, parent FROM pragma_foreign_key_check GROUP BY "table", parent',
    )
    .all();
  for (const { table, rows: count, parent } of rows)
    note(`${counted(count, 'row')} of ${table} ${agreeing(count, 'refers', 'refer')} to a missing row of ${parent}`);
}
