import { Command, CommanderError, Help, Option } from 'commander';
import type { findCollisions } from '../doctor/discovery-check.js';
import { OvadexError } from '../domain/model/errors.js';
import { IMAGE_STATES } from '../domain/model/image.js';
import { TOKEN_SCOPES } from '../domain/model/token.js';
import { printableLines } from '../domain/text/printable.js';
import { errorFacts } from '../platform/log/error-facts.js';
import { VERSION } from '../platform/version.js';
import type { AskOnline } from './commands/config-check.js';
import { configOption, requireNamedConfig } from './options/config-option.js';
import { addFiles } from './program-files.js';
import { addIndex } from './program-index.js';
import { addInit } from './program-init.js';
import { addLinks } from './program-links.js';
import { addSpaces } from './program-spaces.js';
import { addWatching } from './program-watching.js';
import { addWebhooks } from './program-webhooks.js';
import { EXIT, exitCodeOf, isUnloadable } from './terminal/exit-code.js';
import { type Io, writeLines } from './terminal/io.js';

/** Runs the command named by these arguments (without node and the script) and returns its exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(io, (answer) => {
    code = answer;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already written its message; help and version also end up here.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    writeLines(io.stderr, `ovadex: ${describeError(error)}`);
    return exitCodeOf(error);
  }
}

/** Declares every command. The code of a command is loaded when it runs. */
export function createProgram(io: Io, exit: (code: number) => void): Command {
  const program = new Command('ovadex')
    .description('A truthful index of the virtual machine images in WebDAV spaces.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(printableLines(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'ovadex: ')),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
    })
    .configureHelp({ optionDescription: describeOption })
    .hook('preAction', (_program, command) => requireNamedConfig(command, io.env))
    .showHelpAfterError('(--help shows what is allowed)');
  const config = configOption(io.env);
  const json = ['--json', 'print JSON'] as const;

  program
    .command('serve')
    .description('crawl on schedule and serve the API until a signal stops it')
    .requiredOption(...config)
    .action(async (options: { config: string }) => {
      const [{ serve }, { checkConfigApart }] = await Promise.all([
        import('./commands/serve.js'),
        import('../config/apart.js'),
      ]);
      exit(
        await serve(options, io, {
          check: checkConfigApart,
          load: () => import('../app/app.js'),
          examine: async (...of) => (await import('../doctor/at-hand.js')).examineAtHand(...of),
        }),
      );
    });

  program
    .command('sync')
    .description('sync spaces now; safe while the daemon runs')
    .requiredOption(...config)
    .option('--user <user>', 'user whose space to sync (repeatable)', collect)
    .option('--all', 'every space')
    .option('--full', 'list every folder, even those that appear unchanged')
    .option('--verbose', 'with many spaces, show each of them')
    .option(...json)
    .action(async (options: { config: string }) => {
      const [{ sync }, { createCrawler }, { auditCommand }] = await Promise.all([
        import('./commands/sync.js'),
        import('../app/crawler.js'),
        import('./options/command-audit.js'),
      ]);
      exit(await sync(options, io, createCrawler, auditCommand));
    });

  program
    .command('images')
    .description("list a user's images as the index knows them")
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose images to list')
    .option('--name <text>', 'only names that contain this text (repeatable)', collect)
    .option(
      '--filter <terms>',
      'only images that match, as in the API: "size,gt,1000000;path,like,lab/%" (repeatable)',
      collect,
    )
    .option('--state <image-states>', `only images in one of these states: ${IMAGE_STATES.join(', ')}`, collect)
    .option('--sort <fields>', 'sort order, as in the API: "name", "size,desc", "updated_on,desc;name"')
    .option('--include <parts>', 'what else to tell of each image, as in the API: "ovf" is what it is, in short')
    .option(...json)
    .action(async (options: { config: string; user: string }) => {
      const { images, openIndex } = await import('./readers.js');
      exit(await images(options, io, openIndex));
    });

  addInit(program, { io, exit, config });
  addSpaces(program, { io, exit, config, json });
  addLinks(program, { io, exit, config, json });
  addWebhooks(program, { io, exit, config, json });
  addWatching(program, { io, exit, config, json });
  addFiles(program, { io, exit, config, json });

  const loadToken = async () => {
    const [commands, { auditCommand }, { openIndex }] = await Promise.all([
      import('./commands/token.js'),
      import('./options/command-audit.js'),
      import('../app/open-index.js'),
    ]);
    return { ...commands, deps: { open: openIndex, audit: auditCommand } };
  };
  const token = program.command('token').description('access tokens of the API');
  token
    .command('create')
    .description('create a token and show it once')
    .requiredOption(...config)
    .option('--user <user>', 'user whose images it reads')
    .option('--from <file>', 'create a token for each user named in a file, one name per line')
    .option('--name <text>', 'what it is for, shown in lists')
    .addOption(new Option('--scope <scope>', 'additional permissions').choices(TOKEN_SCOPES).argParser(collect))
    .option('--expires <duration>', 'how long it is valid, such as 90d, or never (default 365d)')
    .option('--force', 'create it even for users who have no space')
    .option('--csv', 'print CSV')
    .option(...json)
    .action(async (options: { config: string }) => {
      const { createToken, deps } = await loadToken();
      exit(await createToken(options, io, deps));
    });
  token
    .command('list')
    .description('list all tokens, without their secrets')
    .requiredOption(...config)
    .option('--user <user>', "only this user's tokens")
    .option('--log-ins', 'also list tokens made by log-ins')
    .option(...json)
    .action(async (options: { config: string }) => {
      const { listTokens, deps } = await loadToken();
      exit(await listTokens(options, io, deps));
    });
  token
    .command('revoke')
    .description('revoke a token at once')
    .argument('<id>', 'its id, as listed')
    .requiredOption(...config)
    .action(async (id: string, options: { config: string }) => {
      const { revokeToken, deps } = await loadToken();
      exit(await revokeToken(id, options, io, deps));
    });

  addIndex(program, { io, exit, config, json });

  const configuration = program.command('config').description('the configuration');
  configuration
    .command('show')
    .description('show the effective configuration, with defaults filled in and secrets starred')
    .requiredOption(...config)
    .option('--user <user>', "only this user's space, with everything it inherits")
    .option(...json)
    .action(async (options: { config: string }) => {
      const { configShow } = await import('./commands/config-show.js');
      exit(await configShow(options, io));
    });
  configuration
    .command('schema')
    .description('print a JSON Schema of the configuration, for editors')
    .action(async () => {
      const { printConfigSchema } = await import('./commands/config-schema.js');
      exit(printConfigSchema(io));
    });
  configuration
    .command('check')
    .description('report every problem in a configuration, with its line')
    .requiredOption(...config)
    .option('--online', 'also ask each storage')
    .option('--verbose', 'with many storages, also name those that answer')
    .action(async (options: { config: string }) => {
      const { configCheck } = await import('./commands/config-check.js');
      const ask: AskOnline = async (settings, asking) => {
        const { checkOnline } = await import('../doctor/check-online.js');
        await checkOnline(settings, asking);
      };
      const collide: typeof findCollisions = async (settings, signal) => {
        const { findCollisions } = await import('../doctor/discovery-check.js');
        return await findCollisions(settings, signal);
      };
      exit(await configCheck(options, io, ask, collide));
    });

  const service = program.command('service').description('run the daemon as a systemd service');
  const addService = (name: 'install' | 'uninstall', description: string) =>
    service
      .command(name)
      .description(description)
      .option('--prefix <folder>', "root of another machine's file system, such as a disk image")
      .option('--dry-run', 'only show what would be done')
      .option(...json)
      .action(async (options: { prefix?: string; dryRun?: boolean; json?: boolean }) => {
        const { installCommand, uninstallCommand } = await import('./commands/service.js');
        exit(await (name === 'install' ? installCommand : uninstallCommand)(options, io));
      });
  addService('install', 'write unit, socket, account, folders and a first configuration; starts nothing');
  addService('uninstall', 'stop the service and remove its files; configuration, data and account are kept');

  program
    .command('demo')
    .description('try it: a storage with sample images, crawled and served, until Ctrl-C')
    .option('--cluster', 'by several hosts with one PostgreSQL, which is started if it is installed; some are killed')
    .action(async ({ cluster = false }: { cluster?: boolean }) => {
      if (cluster) {
        const { demoCluster } = await import('./commands/demo-cluster.js');
        exit(await demoCluster(io));
      } else {
        const { demo } = await import('./commands/demo.js');
        exit(await demo(io));
      }
    });

  return program;
}

/** Adds the default to an option's description, unless it is `--config`, which names its own. */
function describeOption(this: Help, option: Option): string {
  return option.long === '--config' ? option.description : Help.prototype.optionDescription.call(this, option);
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Describes an error: those made on purpose or by the system by their message, others with their stack. */
function describeError(error: unknown): string {
  if (error instanceof OvadexError) return error.message;
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  const { type, message, stack } = errorFacts(error);
  if (isUnloadable(error)) return `${message.replaceAll('\n', ' ')} If Node was changed, run: npm rebuild`;
  return 'syscall' in error ? message : [`internal error: ${type}: ${message}`, stack ?? ''].join('\n').trimEnd();
}
