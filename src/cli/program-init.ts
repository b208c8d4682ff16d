import type { Command } from 'commander';
import type { InitOptions } from './init-answers.js';
import type { Declaring } from './program-watching.js';

/** The command with which everything begins. */
export function addInit(program: Command, { io, exit, config }: Omit<Declaring, 'json'>): void {
  program
    .command('init')
    .description('make a first configuration and try it; asks on a terminal for what is not given')
    .requiredOption(...config)
    .option('--url <url>', "the storage's, with {user} where a user's name belongs")
    .option('--user <user>', 'whose space to index (repeatable)', collect)
    .option('--discover', 'every folder below the URL is the space of a user of its name')
    .option('--auth <type>', 'how to log in: basic, digest, bearer or none; basic where a user name is given')
    .option('--username <name>', 'the account that lists the spaces')
    .option('--password-file <file>', 'holds its password, or a token, as its only line')
    .option('--data <folder>', 'where the index is to live')
    .option('--offline', 'do not ask the storage')
    .action(async (options: InitOptions) => {
      const [{ init }, { tryStorage }] = await Promise.all([import('./init.js'), import('../try-storage.js')]);
      exit(await init(options, io, tryStorage));
    });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
