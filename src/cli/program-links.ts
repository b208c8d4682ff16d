import type { Command } from 'commander';
import type { Declaring } from './program-watching.js';

/** Declares the commands for storages that users have connected by themselves. */
export function addLinks(program: Command, { io, exit, config, json }: Declaring): void {
  const load = async () => {
    const [commands, { auditCommand }, { openIndex }] = await Promise.all([
      import('./commands/link.js'),
      import('./options/command-audit.js'),
      import('../app/open-index.js'),
    ]);
    return { ...commands, deps: { open: openIndex, audit: auditCommand } };
  };
  const link = program.command('link').description('storages that users have connected');
  link
    .command('list')
    .description('list who has connected a storage, without the app passwords')
    .requiredOption(...config)
    .option(...json)
    .action(async (options: { config: string }) => {
      const { listLinks, deps } = await load();
      exit(await listLinks(options, io, deps));
    });
  link
    .command('remove')
    .description("disconnect a user's storage and revoke its app password")
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose storage it is')
    .action(async (options: { config: string; user: string }) => {
      const { removeLink, deps } = await load();
      exit(await removeLink(options, io, deps));
    });
  link
    .command('rotate-key')
    .description('encrypt all app passwords with a new key, even while the daemon runs')
    .requiredOption(...config)
    .option(...json)
    .action(async (options: { config: string }) => {
      const { rotateKey, deps } = await load();
      exit(await rotateKey(options, io, deps));
    });
}
