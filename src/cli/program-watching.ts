import { type Command, Option } from 'commander';
import { SYNC_STATUSES } from '../domain/lists/sync-list.js';
import { OvadexError } from '../domain/model/errors.js';
import type { ConfigOption } from './options/config-option.js';
import type { Io } from './terminal/io.js';

/** Parameters for declaring commands. */
export interface Declaring {
  readonly io: Io;
  readonly exit: (code: number) => void;
  readonly config: ConfigOption;
  readonly json: readonly [flags: string, description: string];
}

interface ForgetWords {
  readonly config: string;
  readonly user?: string;
  readonly unconfigured?: boolean;
  readonly older?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Declares the commands that show and manage requests, users and the daemon's condition. */
export function addWatching(program: Command, { io, exit, config, json }: Declaring): void {
  const load = async () => {
    const [{ auditCommand }, { openIndex }] = await Promise.all([
      import('./options/command-audit.js'),
      import('../app/open-index.js'),
    ]);
    return { open: openIndex, clock: Date.now, audit: auditCommand };
  };

  const requests = program.command('requests').description('syncs that are waiting, running or finished');
  const list = requests
    .command('list', { isDefault: true })
    .description('list requests, newest first')
    .requiredOption(...config)
    .option('--user <user>', "only requests for this user's space")
    .addOption(
      new Option('--status <status>', 'only requests with this status (repeatable)')
        .choices(SYNC_STATUSES)
        .argParser(collect),
    )
    .option('--limit <count>', 'maximum number to list (default 20)')
    .option(...json)
    .action(async (options: { config: string }) => {
      const { listRequests } = await import('./commands/requests.js');
      exit(await listRequests(options, io, await load()));
    });
  requests.addHelpText('after', () => `\nWithout a subcommand, "list" is run:\n\n${list.helpInformation()}`.trimEnd());
  requests
    .command('show')
    .description('show one request in full, with its errors')
    .argument('<id>', 'its id, as listed')
    .requiredOption(...config)
    .option(...json)
    .action(async (id: string, options: { config: string }) => {
      const { showRequest } = await import('./commands/requests.js');
      exit(await showRequest(id, options, io, await load()));
    });
  requests
    .command('cancel')
    .description('cancel a request that is waiting or running')
    .argument('<id>', 'its id, as listed')
    .requiredOption(...config)
    .option(...json)
    .action(async (id: string, options: { config: string }) => {
      const { cancelRequest } = await import('./commands/requests.js');
      exit(await cancelRequest(id, options, io, await load()));
    });

  program
    .command('forget')
    .description('delete everything stored about a user who is no longer configured, or about all of them')
    .requiredOption(...config)
    .option('--user <user>', 'user to delete')
    .option('--unconfigured', 'every user who is no longer configured')
    .option('--older <duration>', 'only those who left at least this long ago, such as 30d')
    .option('--list', 'list them without deleting anything')
    .option(...json)
    .action(async (options: ForgetWords) => {
      const { user, unconfigured = false, list = false, older } = options;
      if (user === undefined ? !unconfigured && !list : unconfigured || list || older !== undefined) {
        throw new OvadexError('usage', 'forget: give either --user U, or --unconfigured or --list [--older DURATION]');
      }
      const [{ forgetUser }, { forgetDeparted }] = await Promise.all([
        import('./commands/forget.js'),
        import('./commands/forget-departed.js'),
      ]);
      const deps = await load();
      exit(
        user === undefined ? await forgetDeparted(options, io, deps) : await forgetUser({ ...options, user }, io, deps),
      );
    });

  program
    .command('status')
    .description('summarise the daemon, its spaces and their storages in ten lines, with what needs a decision')
    .requiredOption(...config)
    .option(...json)
    .action(async (options: { config: string }) => {
      const { status, openIndex, askReadiness } = await import('./readers.js');
      const deps = { open: openIndex, ask: askReadiness, clock: Date.now };
      exit(await status(options, io, deps));
    });

  program
    .command('healthcheck')
    .description('exit with 0 if the daemon is ready, with 1 if not; for containers and scripts')
    .requiredOption(...config)
    .action(async (options: { config: string }) => {
      const { healthcheck } = await import('./commands/healthcheck.js');
      exit(await healthcheck(options, io));
    });

  program
    .command('doctor')
    .description('check configuration, files, index and storages, and say how to fix each problem')
    .requiredOption(...config)
    .option('--user <user>', 'only this space (repeatable)', collect)
    .option('--verbose', 'also show what is in order')
    .option(...json)
    .action(async (options: { config: string }) => {
      const [{ doctor }, { diagnose }] = await Promise.all([
        import('./commands/doctor.js'),
        import('../doctor/diagnose.js'),
      ]);
      exit(await doctor(options, io, diagnose));
    });

  program
    .command('completion')
    .description('print a shell completion script for commands and options')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { printCompletion } = await import('./completion/completion.js');
      exit(printCompletion(shell, program, io));
    });

  // Hidden: only the completion scripts call it.
  program
    .command('complete', { hidden: true })
    .argument('<what>', 'users')
    .option(...config)
    .action(async (what: string, options: { config: string }) => {
      const { complete, openIndex } = await import('./readers.js');
      exit(await complete(what, options, io, openIndex));
    });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
