import type { Command } from 'commander';
import { SPACE_STATES } from '../domain/lists/space-states.js';
import type { Declaring } from './program-watching.js';

/** Declares the commands that show the condition of spaces and resolve their trouble. */
export function addSpaces(program: Command, { io, exit, config, json }: Declaring): void {
  const loadSpaces = async () => {
    const [commands, { auditCommand }, { openIndex }] = await Promise.all([
      import('./commands/spaces.js'),
      import('./options/command-audit.js'),
      import('../app/open-index.js'),
    ]);
    return { ...commands, deps: { open: openIndex, audit: auditCommand } };
  };
  program
    .command('spaces')
    .description('list every space with its condition')
    .requiredOption(...config)
    .option('--user <user>', 'only this space (repeatable)', collect)
    .option('--state <states>', `only spaces in one of these states: ${SPACE_STATES.join(', ')}`, collect)
    .option('--sort <fields>', 'sort order, as in the API: "images,desc", "last_sync_on;user"')
    .option(...json)
    .action(async (options: { config: string }) => {
      const { listSpaces, openIndexIfAny } = await import('./readers.js');
      exit(await listSpaces(options, io, { openIfAny: openIndexIfAny, clock: Date.now }));
    });
  program
    .command('held')
    .description('list the pending removals in a space, and why they are held')
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose space it is')
    .option(...json)
    .action(async (options: { config: string; user: string }) => {
      const { held, openIndex } = await import('./readers.js');
      exit(await held(options, io, openIndex));
    });
  program
    .command('why')
    .description("explain why a path is in a user's list, or not, without asking the storage")
    .argument('<path>', "path below the root of the user's space, or its URL")
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose list it is')
    .option(...json)
    .action(async (path: string, options: { config: string; user: string }) => {
      const { why, openIndex } = await import('./readers.js');
      exit(await why(path, options, io, openIndex));
    });
  program
    .command('keep')
    .description('refuse the pending removals in a space: the images stay')
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose space it is')
    .action(async (options: { config: string; user: string }) => {
      const { keepImages, deps } = await loadSpaces();
      exit(await keepImages(options, io, deps));
    });
  program
    .command('accept')
    .description('allow the pending removals in a space')
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose space it is')
    .action(async (options: { config: string; user: string }) => {
      const { acceptRemovals, deps } = await loadSpaces();
      exit(await acceptRemovals(options, io, deps));
    });
  program
    .command('resume')
    .description('retry a suspended space')
    .requiredOption(...config)
    .requiredOption('--user <user>', 'user whose space it is')
    .action(async (options: { config: string; user: string }) => {
      const { resumeSpace, deps } = await loadSpaces();
      exit(await resumeSpace(options, io, deps));
    });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
