import type { CompletedCommand, CompletedOption, Values } from './completed-command.js';

/** Quotes a word in single quotes, with the escapes of fish. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** A completion script for fish, with one line for each possible word. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const line = `complete -c ovadex -n ${quoted(conditionFor(command))}`;
    const subcommands = command.subcommands.map(
      ({ name, description }) => `${line} -a ${quoted(name)} -d ${quoted(description)}`,
    );
    const options = command.options.map((option) => `${line} ${optionWords(option)} -d ${quoted(option.description)}`);
    const values = command.values.kind === 'nothing' ? [] : [`${line} ${valueWords(command.values)}`];
    return [...subcommands, ...options, ...values];
  });
  return [
    '# fish completion for ovadex; put it into ~/.config/fish/completions/ovadex.fish',
    'function __ovadex_users',
    '  set -l words (commandline -opc)',
    '  set -l config',
    '  if set -l at (contains -i -- --config $words)',
    '    set config --config $words[(math $at + 1)]',
    '  end',
    '  ovadex complete users $config 2>/dev/null',
    'end',
    '# Only what is a file is completed as one.',
    'complete -c ovadex -f',
    ...lines,
  ].join('\n');
}

function optionWords({ flags, values }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  return values === null ? names : `${names} -r ${valueWords(values)}`;
}

function valueWords(values: Values): string {
  if (values.kind === 'files') return '-F';
  if (values.kind === 'folders') return `-f -a ${quoted('(__fish_complete_directories)')}`;
  if (values.kind === 'users') return `-f -a ${quoted('(__ovadex_users)')}`;
  return values.kind === 'words' ? `-f -a ${quoted(values.words.join(' '))}` : '-f';
}

/** A condition that holds if the command's words were typed and none of a subcommand. */
function conditionFor({ words, subcommands }: CompletedCommand): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const further = subcommands.map(({ name }) => name).join(' ');
  const parts = [...seen, ...(further === '' ? [] : [`not __fish_seen_subcommand_from ${further}`])];
  return parts.length === 0 ? 'true' : parts.join('; and ');
}
