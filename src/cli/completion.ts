import type { Command, Option } from 'commander';
import { OvadexError } from '../domain/errors.js';
import { EXIT } from './exit-code.js';
import { type Io, writeLines } from './io.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command with the words that lead to it. */
interface Node {
  readonly words: readonly string[];
  readonly command: Command;
}

/**
 * `ovadex completion SHELL`: a script that knows all commands and options, made from their declarations. It asks
 * nobody while somebody types: a program that is started at each Tab takes a quarter of a second.
 */
export function printCompletion(shell: string, program: Command, io: Io): number {
  const known = SHELLS.find((each) => each === shell);
  if (known === undefined) {
    throw new OvadexError('usage', `completion: "${shell}" is no shell that is known; allowed: ${SHELLS.join(', ')}`);
  }
  writeLines(io.stdout, SCRIPT_OF[known](treeOf(program)));
  return EXIT.ok;
}

function treeOf(command: Command, words: readonly string[] = []): readonly Node[] {
  return [{ words, command }, ...command.commands.flatMap((each) => treeOf(each, [...words, each.name()]))];
}

const optionsOf = ({ command }: Node): readonly Option[] => command.createHelp().visibleOptions(command);
const takesValue = (option: Option) => option.required || option.optional;
const flagsOf = (option: Option) => [option.long, option.short].filter((flag) => typeof flag === 'string');
/** Values of which there are few; the others are files. */
const choicesOf = (option: Option) => option.argChoices ?? [];
const wordsOf = (node: Node) => [
  ...node.command.commands.map((each) => each.name()),
  ...optionsOf(node).map(({ long }) => long ?? ''),
];
/** In single quotes, for each of the shells. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map((node) => `    ${quoted(node.words.join(' '))}) words=${quoted(wordsOf(node).join(' '))} ;;`);
  const names = nodes.filter(({ words }) => words.length > 0).map(({ words }) => quoted(words.join(' ')));
  const choices = uniqueChoices(nodes).map(
    ([flag, values]) => `    ${flag}) COMPREPLY=($(compgen -W ${quoted(values.join(' '))} -- "$cur")); return ;;`,
  );
  return `# bash completion for ovadex; put it into /usr/share/bash-completion/completions/ovadex
_ovadex() {
  local cur prev at path='' words=''
  local -a known=(${names.join(' ')})
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD - 1]}
  for ((at = 1; at < COMP_CWORD; at++)); do
    local next="\${path:+$path }\${COMP_WORDS[at]}" each
    for each in "\${known[@]}"; do [[ $each == "$next" ]] && path=$next; done
  done
  case $prev in
${choices.join('\n')}
    ${valueFlags(nodes).join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _ovadex ovadex`;
}

function zsh(nodes: readonly Node[]): string {
  return `#compdef ovadex
# zsh completion for ovadex; put it as _ovadex into a folder of $fpath
autoload -U +X bashcompinit && bashcompinit
${bash(nodes)}`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const condition = conditionFor(node);
    const commands = node.command.commands.map(
      (each) => `complete -c ovadex -n ${condition} -f -a ${quoted(each.name())} -d ${quoted(each.description())}`,
    );
    const options = optionsOf(node).map((option) => {
      const flags = flagsOf(option).map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const choices = choicesOf(option);
      const value = !takesValue(option) ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r';
      return `complete -c ovadex -n ${condition} ${flags.join(' ')}${value} -d ${quoted(option.description)}`;
    });
    return [...commands, ...options];
  });
  return ['# fish completion for ovadex; put it into ~/.config/fish/completions/ovadex.fish', ...lines].join('\n');
}

/** The words of a node are there, and none of those that lead further. */
function conditionFor({ words, command }: Node): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const further = command.commands.map((each) => each.name()).join(' ');
  const parts = [...seen, ...(further === '' ? [] : [`not __fish_seen_subcommand_from ${further}`])];
  return quoted(parts.length === 0 ? 'true' : parts.join('; and '));
}

function valueFlags(nodes: readonly Node[]): readonly string[] {
  const flags = nodes.flatMap((node) => optionsOf(node).filter(takesValue).flatMap(flagsOf));
  return [...new Set(flags)];
}

function uniqueChoices(nodes: readonly Node[]): readonly (readonly [string, readonly string[]])[] {
  const found = nodes.flatMap((node) => optionsOf(node).filter((option) => choicesOf(option).length > 0));
  return [...new Map(found.map((option) => [option.long ?? '', choicesOf(option)] as const))];
}

const SCRIPT_OF: Readonly<Record<Shell, (nodes: readonly Node[]) => string>> = { bash, zsh, fish };
