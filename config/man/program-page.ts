import type { Command, Option } from 'commander';
import { CONFIG_VARIABLE, USUAL_CONFIG } from '../../src/cli/options/config-option.js';
import { bold, italic, type PageOptions, page, prose, title } from './roff.js';

/** ovadex(1): every command and option as the program itself declares them, and the exit codes of config/README.md. */
export function programPage(program: Command, document: string, options: PageOptions): string {
  return page([
    title('OVADEX', 1, options, 'User Commands'),
    '.SH NAME',
    'ovadex \\- index of the virtual machine images in WebDAV spaces',
    '.SH SYNOPSIS',
    '.B ovadex',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    ...prose(program.description()),
    ...prose('The daemon crawls each space on a schedule, keeps an index in SQLite and serves the API from it.'),
    ...prose('Unless noted otherwise, the other commands also work while the daemon runs.'),
    ...prose("Run them as the daemon's user, so that the files they write belong to it: `sudo -u ovadex ovadex ...`"),
    '.SH OPTIONS',
    ...program.options.flatMap(optionLines),
    '.TP',
    `${bold('-h')}, ${bold('--help')}`,
    ...prose('show the arguments and options of a command'),
    '.SH COMMANDS',
    ...leavesOf(program, [program.name()]).flatMap(({ command, words }) => commandLines(command, words)),
    '.SH EXIT STATUS',
    ...exitCodes(document).flatMap(([code, meaning]) => ['.TP', bold(code), ...prose(meaning)]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, what]) => ['.TP', bold(name), ...prose(what)]),
    '.SH FILES',
    ...FILES.flatMap(([path, what]) => ['.TP', italic(path), ...prose(what)]),
    '.SH SEE ALSO',
    '.BR ovadex.yaml (5),',
    '.BR systemctl (1)',
  ]);
}

const ENVIRONMENT = [
  [CONFIG_VARIABLE, `The configuration of commands without \`--config\`; if it is not set, ${USUAL_CONFIG}.`],
  ['CREDENTIALS_DIRECTORY', `The folder that replaces \`\${CREDENTIALS_DIRECTORY}/\` in paths; see ovadex.yaml(5).`],
] as const;

const FILES = [
  [USUAL_CONFIG, 'The configuration of the service.'],
  ['/var/lib/ovadex/ovadex.db', 'The index. Copies made before a migration are in the folder "backups" beside it.'],
  ['/var/lib/ovadex/audit.log', 'Who did what; older entries are in `audit.log.1`, and so on.'],
] as const;

interface Leaf {
  readonly command: Command;
  readonly words: readonly string[];
}

/** Lists the commands without subcommands, each with the words that lead to it. */
export function leavesOf(command: Command, words: readonly string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ command, words }];
  // Hidden commands are left out, and "help", which every command has.
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
  return shown.flatMap((each) => leavesOf(each, [...words, each.name()]));
}

function commandLines(command: Command, words: readonly string[]): readonly string[] {
  const places = command.registeredArguments.map((argument) => ({
    shown: argument.required ? italic(argument.name()) : `[${italic(argument.name())}]`,
    name: argument.name(),
    description: argument.description,
  }));
  const isNeeded = (option: Option) => option.mandatory && option.defaultValue === undefined;
  const needed = command.options.filter(isNeeded).map(flags);
  const others = command.options.some((option) => !isNeeded(option)) ? ['[options]'] : [];
  return [
    '.PP',
    [bold(words.join(' ')), ...places.map(({ shown }) => shown), ...needed, ...others].join(' '),
    '.RS 4',
    ...prose(sentence(command.description())),
    ...places.flatMap(({ name, description }) => ['.TP', italic(name), ...prose(description)]),
    ...command.options.flatMap(optionLines),
    '.RE',
  ];
}

function optionLines(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`;
  return ['.TP', flags(option), ...prose(`${option.description}${choices}`)];
}

/** Formats flags such as `--user <user>`, with placeholders in italics. */
function flags(option: Option): string {
  return option.flags
    .split(/(<[^>]+>|\[[^\]]+\])/)
    .map((part) => {
      if (part.startsWith('<')) return italic(part.slice(1, -1));
      return part.startsWith('[') ? `[${italic(part.slice(1, -1))}]` : bold(part);
    })
    .filter((part) => part !== bold(''))
    .join('');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The rows of the document's table of exit codes. */
export function exitCodes(document: string): readonly (readonly [string, string])[] {
  const [, table = ''] = /^### Exit codes\n([\s\S]*?)^#/m.exec(document) ?? [];
  return [...table.matchAll(/^\| (\d[^|]*?) \| (.*?) \|$/gm)].map(([, code = '', meaning = '']) => [code, meaning]);
}
