import { type Command, InvalidArgumentError } from 'commander';
import type { Declaring } from './program-watching.js';

/** Declares the commands for the index as a whole. */
export function addIndex(program: Command, { io, exit, config, json }: Declaring): void {
  const load = async () => {
    const [commands, { auditCommand }, { createIndexFile }, { migrateDatabase }] = await Promise.all([
      import('./database/db.js'),
      import('./options/command-audit.js'),
      import('../app/index-file.js'),
      import('../app/open-index.js'),
    ]);
    return { ...commands, deps: { open: createIndexFile, migrateDatabase, audit: auditCommand } };
  };
  const db = program.command('db').description('manage the index file');
  db.command('backup')
    .description('copy the index, even while the daemon runs, and check the copy')
    .argument('<file>', 'file to write, or a folder, in which it is named after the time; nothing is overwritten')
    .requiredOption(...config)
    .option('--keep <count>', 'copies to keep in the folder (1-1000); older ones are removed', parseKeep)
    .option(...json)
    .action(async (file: string, options: { config: string; keep?: number }) => {
      const { backupIndex, deps } = await load();
      exit(await backupIndex(file, options, io, deps));
    });
  db.command('check')
    .description('check the index, or a copy of it, for damage')
    .argument('[file]', 'copy to check in place of the index')
    .requiredOption(...config)
    .option(...json)
    .action(async (file: string | undefined, options: { config: string }) => {
      const { checkIndexFile, deps } = await load();
      exit(await checkIndexFile(file, options, io, deps));
    });
  db.command('restore')
    .description('replace the index with a copy, while no daemon runs')
    .argument('<file>', 'copy to restore; it is checked first')
    .requiredOption(...config)
    .option(...json)
    .action(async (file: string, options: { config: string }) => {
      const { restoreIndex, deps } = await load();
      exit(await restoreIndex(file, options, io, deps));
    });
  db.command('migrate')
    .description("bring an older version's index up to date, as a start does")
    .requiredOption(...config)
    .option('--dry-run', 'rehearse it on a copy and report the result')
    .option(...json)
    .action(async (options: { config: string }) => {
      const { migrateIndex, deps } = await load();
      exit(await migrateIndex(options, io, deps));
    });
  db.command('copy')
    .description('copy the whole index to a PostgreSQL database, or back')
    .requiredOption(...config)
    .option('--to [url]', 'from the data directory to this database, or to that of the configuration')
    .option('--from [url]', 'from this database, or that of the configuration, to the data directory')
    .option('--password-file <file>', "a file with the password of the URL's user")
    .option(...json)
    .action(async (options: { config: string }) => {
      const [{ copyIndex }, { auditCommand }, { copyBetween }] = await Promise.all([
        import('./database/db-copy.js'),
        import('./options/command-audit.js'),
        import('../app/copy/copy-between.js'),
      ]);
      exit(await copyIndex(options, io, { audit: auditCommand, copy: copyBetween }));
    });
}

function parseKeep(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value) && Number(value) <= 1_000) return Number(value);
  throw new InvalidArgumentError('must be a whole number from 1 to 1000.');
}
