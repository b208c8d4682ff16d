import type { Command } from 'commander';
import type { InitOptions } from './options/init-options.js';
import type { Declaring } from './program-watching.js';

/** Declares `ovadex init`, the first command to run. */
export function addInit(program: Command, { io, exit, config }: Omit<Declaring, 'json'>): void {
  program
    .command('init')
    .description('write a first configuration and try it; on a terminal, asks for anything not given')
    .requiredOption(...config)
    .option('--url <url>', "URL of the storage, with {user} in place of a user's name")
    .option('--user <user>', 'user whose space to index (repeatable)', collect)
    .option('--discover', 'treat every folder below the URL as the space of the user with that name')
    .option(
      '--nextcloud <way>',
      'a Nextcloud at the URL, read by a folder of app passwords, links of users, or one user: credentials, link or user',
    )
    .option('--auth <type>', 'how to log in: basic, digest, bearer or none (default: basic if there is a user name)')
    .option('--username <name>', 'account that lists the spaces')
    .option('--password-file <file>', 'file with its password, or a token, as its only line')
    .option('--data <folder>', 'folder for the index')
    .option('--offline', 'do not ask the storage')
    .action(async (options: InitOptions) => {
      const [{ init }, { tryStorage }] = await Promise.all([
        import('./commands/init.js'),
        import('../doctor/try-storage.js'),
      ]);
      exit(await init(options, io, tryStorage));
    });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
