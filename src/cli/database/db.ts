import type {
  CheckedIndex,
  CheckName,
  createIndexFile,
  IndexFile,
  Migrated,
  RestoredIndex,
} from '../../app/index-file.js';
import type { migrateDatabase } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { urlOfDatabase } from '../../config/sections/data.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { counted } from '../../domain/text/counted.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';

export interface DbOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface DbMigrateOptions extends DbOptions {
  readonly dryRun?: boolean;
}

export interface DbBackupOptions extends DbOptions {
  readonly keep?: number;
}

/** Dependencies of the commands on the index file. */
export interface DbDeps {
  readonly audit: CommandAudit;
  readonly open: (config: Config, options: Parameters<typeof createIndexFile>[1]) => IndexFile;
  /** For an index in a database. */
  readonly migrateDatabase: typeof migrateDatabase;
}

/** What does for a database what a command does for a file. */
const TOOL: Readonly<Record<string, string>> = {
  'db backup': 'pg_dump copies it, even while daemons run: pg_dump --format=custom --file=FILE',
  'db check': 'pg_amcheck looks for damage: pg_amcheck --heapallindexed --parent-check',
  'db restore': 'pg_restore brings a copy back while no daemon runs: pg_restore --clean --if-exists --dbname=',
};

const MEANING: Readonly<Record<CheckName, string>> = {
  schema: 'the schema against the migrations',
  pages: 'every page',
  references: 'references between rows',
  counters: 'the counts of each space',
  readings: 'the states of images against what was read of them',
  names: 'the search index against the names',
};

/**
 * `ovadex db backup FILE`: makes a checked copy, even while a daemon runs. The exit code is `incomplete` if an older
 * copy can't be removed.
 */
export async function backupIndex(target: string, options: DbBackupOptions, io: Io, deps: DbDeps): Promise<number> {
  const { index, act } = await openFile('db backup', options, io, deps);
  const made = await act('db backup', { file: target }, () => index.backup(target, options.keep));
  const { file, schema, images, spaces, sizeBytes, removed, left, uncounted, strangers } = made;
  if (options.json === true)
    writeJson(io.stdout, { file, size: sizeBytes, schema, images, spaces, removed, left, uncounted });
  else {
    writeLines(
      io.stdout,
      `${printable(file)}: ${contentOf(images, spaces)}, schema ${schema}, ${megabytes(sizeBytes)}, checked`,
      ...removed.map((old) => `${printable(old)}: removed; ${options.keep} are kept`),
    );
  }
  if (strangers !== null)
    writeLines(io.stderr, `warning: ${printable(file)}: ${strangers}, and so alter what is restored from it`);
  const whyUncounted = 'the time in its name is in the future or invalid, so it is neither counted nor removed';
  writeLines(io.stderr, ...uncounted.map((each) => `warning: ${printable(each)}: ${whyUncounted}`));
  return tellLeft(left, io);
}

/** `ovadex db check [FILE]`: reports every problem; the exit code is `damaged` if there is one. */
export async function checkIndexFile(
  file: string | undefined,
  options: DbOptions,
  io: Io,
  deps: DbDeps,
): Promise<number> {
  const { index } = await openFile('db check', options, io, deps);
  const checked = index.check(file);
  if (options.json === true) writeJson(io.stdout, jsonOf(checked));
  else writeLines(io.stdout, ...reportOf(checked));
  return checked.findings.length === 0 ? EXIT.ok : EXIT.damaged;
}

/** `ovadex db restore FILE`: puts the backup in place of the index, which is kept beside it. */
export async function restoreIndex(source: string, options: DbOptions, io: Io, deps: DbDeps): Promise<number> {
  const { index, act } = await openFile('db restore', options, io, deps);
  const { replaced, isNewerKept, isForgottenKept, restored, left, strangers } = await act(
    'db restore',
    { file: source },
    () => index.restore(source),
  );
  const { schema, newestSchema, images, spaces } = restored;
  if (options.json === true) {
    writeJson(io.stdout, { file: index.file, source: restored.file, schema, images, spaces, replaced, left });
  } else {
    writeLines(io.stdout, `${printable(index.file)}: restored, ${contentOf(images, spaces)}, schema ${schema}`);
    if (replaced !== null) writeLines(io.stdout, `the previous index: ${printable(replaced)}`);
  }
  if (!isNewerKept) {
    const lost = 'the old index could not be read: tokens that were revoked after the backup are valid again';
    writeLines(io.stderr, `warning: ${lost}; see "ovadex token list"`);
  }
  if (!isForgottenKept) {
    const back = 'the old index does not tell who was forgotten after the backup: they are back, with their tokens';
    writeLines(io.stderr, `warning: ${back}; see "ovadex token list" and "ovadex forget"`);
  }
  if (strangers !== null) {
    const check = 'see "ovadex token list" for tokens that were not created here';
    writeLines(io.stderr, `warning: ${printable(source)}: ${strangers}; ${check}`);
  }
  writeLines(io.stderr, 'the next start lists every space in full');
  if (schema !== newestSchema) writeLines(io.stderr, `and brings schema ${schema} to ${newestSchema}`);
  return tellLeft(left, io);
}

/** `ovadex db migrate`: brings the schema up to date, as a start of the daemon does; with `--dry-run` it works on a copy. */
export async function migrateIndex(options: DbMigrateOptions, io: Io, deps: DbDeps): Promise<number> {
  const isDryRun = options.dryRun === true;
  const config = await loadConfig(options.config);
  if (config.data.database !== undefined) return await migrateShared(config, options, io, deps);
  const { index, act } = open(config, io, deps);
  const migrated = isDryRun
    ? index.rehearse()
    : { ...(await act('db migrate', {}, () => index.migrate())), findings: [] };
  if (options.json === true) {
    const { from, to, applied, copy, findings } = migrated;
    writeJson(io.stdout, {
      file: index.file,
      dry_run: isDryRun,
      from,
      to,
      applied: applied.map(({ name, elapsedMs }) => ({ name, seconds: Number((elapsedMs / 1_000).toFixed(3)) })),
      copy,
      findings,
    });
  } else {
    writeLines(io.stdout, ...stepsOf(migrated, isDryRun));
    writeLines(io.stdout, ...migrated.findings.map(({ check, detail }) => `${check}: ${printable(detail)}`));
  }
  return migrated.findings.length === 0 ? EXIT.ok : EXIT.damaged;
}

/** Reports files that could not be removed. What was done stands; the exit code says whether anything was left. */
function tellLeft(left: RestoredIndex['left'], io: Io): number {
  writeLines(io.stderr, ...left.map(({ file, why }) => `warning: ${printable(file)}: not removed: ${printable(why)}`));
  return left.length === 0 ? EXIT.ok : EXIT.incomplete;
}

/** `ovadex db migrate` of an index that a database keeps. */
async function migrateShared(config: Config, options: DbMigrateOptions, io: Io, deps: DbDeps): Promise<number> {
  const isDryRun = options.dryRun === true;
  const work = () => deps.migrateDatabase(config, { isDryRun });
  const { name, from, to } = await (isDryRun ? work() : acting(config, io, deps)('db migrate', {}, work));
  const done = isDryRun ? 'would go' : 'went';
  if (options.json === true) writeJson(io.stdout, { url: name, dry_run: isDryRun, from, to });
  else writeLines(io.stdout, from === to ? `schema ${to}: nothing to do` : `the schema ${done} from ${from} to ${to}`);
  return EXIT.ok;
}

/** Throws OvadexError `usage` if a database keeps the index, with what does the same for it. */
async function openFile(name: string, options: DbOptions, io: Io, deps: DbDeps) {
  const config = await loadConfig(options.config);
  const { database } = config.data;
  if (database === undefined) return open(config, io, deps);
  throw new OvadexError('usage', `${name}: ${urlOfDatabase(database)} keeps the index; ${TOOL[name]}`);
}

function open(config: Config, io: Io, deps: DbDeps) {
  // A large index takes a minute, so a terminal shows which check is running.
  const onCheck = (check: CheckName) => {
    if (io.stderr.isTTY === true) writeLines(io.stderr, `checking ${MEANING[check]}`);
  };
  return { index: deps.open(config, { onCheck }), act: acting(config, io, deps) };
}

/** Returns a function that runs `work` and records it in the audit log, even if it fails. */
function acting(config: Config, io: Io, deps: Pick<DbDeps, 'audit'>) {
  return async <T>(name: string, details: AuditEntry['details'], work: () => T | Promise<T>): Promise<T> => {
    try {
      const done = await work();
      await deps.audit(config, io, name, details);
      return done;
    } catch (error) {
      await deps.audit(config, io, name, details, refusalOf(error));
      throw error;
    }
  };
}

function reportOf({ file, schema, newestSchema, images, spaces, findings }: CheckedIndex): readonly string[] {
  const name = printable(file);
  if (findings.length > 0) {
    return [
      `${name}: ${counted(findings.length, 'problem')} found`,
      ...findings.map(({ check, detail }) => `${check}: ${printable(detail)}`),
    ];
  }
  const age =
    schema === newestSchema ? `schema ${schema}` : `schema ${schema}, which this program brings to ${newestSchema}`;
  return [`${name}: no problems found: ${contentOf(images, spaces)}, ${age}`];
}

function jsonOf({ file, schema, newestSchema, images, spaces, findings }: CheckedIndex): object {
  return { file, ok: findings.length === 0, schema, newest_schema: newestSchema, images, spaces, findings };
}

function stepsOf({ from, to, applied, copy }: Migrated, isDryRun: boolean): readonly string[] {
  if (applied.length === 0) return [`schema ${to}: nothing to do`];
  const done = isDryRun ? 'would go' : 'went';
  return [
    `the schema ${done} from ${from} to ${to}`,
    ...applied.map(({ name, elapsedMs }) => `${name}: ${(elapsedMs / 1_000).toFixed(2)} s`),
    ...(copy === null ? [] : [`the index as it was: ${printable(copy)}`]),
  ];
}

/** Counts are null if the file can't be read that far. */
function contentOf(images: number | null, spaces: number | null): string {
  return `${counted(images ?? 0, 'image')} in ${counted(spaces ?? 0, 'space')}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
