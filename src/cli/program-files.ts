import type { Command } from 'commander';
import type { Declaring } from './program-watching.js';

/** Declares the commands that read local files, without any configuration. */
export function addFiles(program: Command, { io, exit, json }: Omit<Declaring, 'config'>): void {
  program
    .command('inspect')
    .description('tell what image files are and whether they deploy, without a configuration')
    .argument('<file...>', '.ova and .ovf files; others are judged by their content')
    .option(json[0], 'print JSON, one line for each file')
    .action(async (files: readonly string[], options: { json?: boolean }) => {
      const { inspect } = await import('./commands/inspect.js');
      exit(await inspect(files, options, io));
    });
}
