import type { CopiedIndex, CopyDirection, CopyProgress, copyBetween } from '../../app/copy/copy-between.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { type DatabaseSettings, databaseAt, urlOfDatabase } from '../../config/sections/data.js';
import { readSecretFile } from '../../config/source/secret-file.js';
import { OvadexError } from '../../domain/model/errors.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { createLogger } from '../../platform/log/logger.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { createProgressLine } from '../terminal/progress-line.js';

export interface DbCopyOptions {
  readonly config: string;
  /** The URL of a database; true: that of the configuration. */
  readonly to?: string | true;
  readonly from?: string | true;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

export interface DbCopyDeps {
  readonly audit: CommandAudit;
  readonly copy: typeof copyBetween;
}

const DOING: Readonly<Record<CopyProgress['phase'], string>> = {
  prune: 'looking for rows that are gone',
  put: 'copying',
  compare: 'comparing',
};

/**
 * `ovadex db copy --to URL`, or `--from URL`: copies the whole index between the data directory and a database. A signal breaks
 * it off; the same command goes on. The exit code is `incomplete` if it has to be done once more, as the source was in use.
 */
export async function copyIndex(options: DbCopyOptions, io: Io, deps: DbCopyDeps): Promise<number> {
  const direction = directionOf(options);
  const config = await loadConfig(options.config);
  const database = await databaseOf(options[direction], options.passwordFile, config);
  const logger = createLogger({ level: 'error', format: 'auto', destination: io.stderr });
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const progress = createProgressLine(io.stderr);
    const onProgress = ({ phase, table, rows }: CopyProgress) =>
      progress.show(`${DOING[phase]}: ${table}, ${counted(rows, 'row')}`);
    const details = { [direction]: urlOfDatabase(database) };
    try {
      const copied = await deps.copy(config, direction, database, { signal, onProgress }).finally(progress.clear);
      await deps.audit(config, io, 'db copy', details, copied.isFinished ? 'done' : 'unfinished');
      return tell(copied, options, io);
    } catch (error) {
      await deps.audit(config, io, 'db copy', details, signal.aborted ? 'unfinished' : refusalOf(error));
      throw error;
    }
  });
}

function directionOf({ to, from }: DbCopyOptions): CopyDirection {
  if ((to === undefined) === (from === undefined)) {
    throw new OvadexError('usage', 'db copy needs either --to or --from');
  }
  return to === undefined ? 'from' : 'to';
}

async function databaseOf(
  url: string | true | undefined,
  passwordFile: string | undefined,
  { data }: Config,
): Promise<DatabaseSettings> {
  if (typeof url === 'string')
    return databaseAt(url, passwordFile === undefined ? null : await passwordIn(passwordFile));
  if (passwordFile !== undefined) throw new OvadexError('usage', '--password-file belongs to a URL');
  if (data.database !== undefined) return data.database;
  throw new OvadexError('usage', 'the configuration has no data.url; give the URL of the database');
}

async function passwordIn(file: string): Promise<NonNullable<DatabaseSettings['password']>> {
  const read = await readSecretFile(file);
  if ('problem' in read) throw new OvadexError('usage', `--password-file: ${printable(file)}: ${read.problem}`);
  return { file, secret: read.secret };
}

function tell({ source, target, rows, isResumed, isFinished }: CopiedIndex, { json }: DbCopyOptions, io: Io): number {
  if (json === true) {
    const tables = Object.entries(rows).map(([name, count]) => ({ name, rows: count }));
    writeJson(io.stdout, { source, target, resumed: isResumed, finished: isFinished, tables });
  } else {
    const all = Object.values(rows).reduce((sum, count) => sum + count, 0);
    const some = ['spaces', 'images', 'tokens'].map((table) => `${grouped(rows[table] ?? 0)} of ${table}`);
    writeLines(
      io.stdout,
      `${printable(source)} -> ${printable(target)}: ${counted(all, 'row')} are the same (${some.join(', ')})`,
    );
  }
  if (isFinished) return EXIT.ok;
  const then = 'stop all of ovadex, then run the same command once more: it copies what has changed since';
  writeLines(io.stderr, `the copy is not finished, as somebody uses ${printable(source)}: ${then}`);
  return EXIT.incomplete;
}
