import type { Command, Option } from 'commander';
import { SORT_FIELDS } from '../../domain/lists/image-list.js';
import { IMAGE_INCLUDES } from '../../domain/lists/image-words.js';
import { IMAGE_STATES } from '../../domain/model/image.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Possible values of an option or argument. `words`: one of these, and maybe others. `nothing`: free text. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'users' | 'files' | 'folders' | 'nothing' };

export interface CompletedOption {
  /** All spellings: `--user`, and `-u` if there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** null if it takes no value. */
  readonly values: Values | null;
}

/** A command, the words that lead to it, and what may follow them. */
export interface CompletedCommand {
  readonly words: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Possible values of all its arguments together. */
  readonly values: Values;
}

/** Lists the command and all its subcommands. Options of a default subcommand are also offered after the command itself. */
export function completedCommands(command: Command, words: readonly string[] = []): readonly CompletedCommand[] {
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  const implied = shown.find((each) => each.name() === defaultOf(command));
  const options = [command, ...(implied === undefined ? [] : [implied])].flatMap((each) =>
    each.createHelp().visibleOptions(each).map(completedOption),
  );
  const own: CompletedCommand = {
    words,
    subcommands: shown.map((each) => ({ name: each.name(), description: each.description() })),
    options: [...new Map(options.map((option) => [option.flags[0], option])).values()],
    values: valuesOf(command.registeredArguments.map((argument) => argument.name())),
  };
  return [own, ...shown.flatMap((each) => completedCommands(each, [...words, each.name()]))];
}

/** Reads a private field of Commander; a test checks that it still exists. */
function defaultOf(command: Command): unknown {
  return '_defaultCommandName' in command ? command._defaultCommandName : undefined;
}

function completedOption(option: Option): CompletedOption {
  const flags = [option.long, option.short].filter((flag) => typeof flag === 'string');
  if (!option.required && !option.optional) return { flags, description: option.description, values: null };
  const [, placeholder = ''] = /[<[]([^>\]]+)/.exec(option.flags) ?? [];
  const values: Values =
    option.argChoices === undefined ? valuesOf([placeholder]) : { kind: 'words', words: option.argChoices };
  return { flags, description: option.description, values };
}

/** Derives the kind of value from the text between the brackets, which every command uses alike. */
function valuesOf(placeholders: readonly string[]): Values {
  for (const placeholder of placeholders) {
    const words = WORDS[placeholder];
    if (words !== undefined) return { kind: 'words', words };
    const kind = KINDS[placeholder];
    if (kind !== undefined) return { kind };
  }
  return { kind: 'nothing' };
}

const KINDS: Readonly<Record<string, 'users' | 'files' | 'folders'>> = {
  user: 'users',
  file: 'files',
  folder: 'folders',
};
const WORDS: Readonly<Record<string, readonly string[]>> = {
  shell: SHELLS,
  // The sort fields; what follows a comma is up to the user.
  fields: SORT_FIELDS,
  'image-states': IMAGE_STATES,
  parts: IMAGE_INCLUDES,
  // An example of each unit.
  duration: ['12h', '30d', '90d', '365d'],
};
