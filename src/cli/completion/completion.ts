import type { Command } from 'commander';
import { OvadexError } from '../../domain/model/errors.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeLines } from '../terminal/io.js';
import { type CompletedCommand, completedCommands, SHELLS } from './completed-command.js';
import { bashScript } from './completion-bash.js';
import { fishScript } from './completion-fish.js';

type Shell = (typeof SHELLS)[number];

/**
 * `ovadex completion SHELL`: prints a script that knows all commands, options and values from their declarations. It
 * runs the program only to list users, since each start takes a quarter of a second.
 */
export function printCompletion(shell: string, program: Command, io: Io): number {
  const known = SHELLS.find((each) => each === shell);
  if (known === undefined) {
    throw new OvadexError('usage', `completion: "${shell}" is not a supported shell; use one of ${SHELLS.join(', ')}`);
  }
  writeLines(io.stdout, SCRIPT_OF[known](completedCommands(program)));
  return EXIT.ok;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef ovadex
# zsh completion for ovadex; put it as _ovadex into a folder of $fpath
autoload -U +X bashcompinit && bashcompinit
${bashScript(commands)}`;
}

const SCRIPT_OF: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
