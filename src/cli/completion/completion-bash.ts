import type { CompletedCommand, Values } from './completed-command.js';

/** Quotes a word in single quotes. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A completion function for bash, which zsh can run, too, and the line that registers it. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.filter(({ words }) => words.length > 0).map(({ words }) => quoted(words.join(' ')));
  const cases = commands.map(({ words, subcommands, options, values }) => {
    const offered = [...subcommands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    return `    ${quoted(words.join(' '))}) words=${quoted(offered.join(' '))}; values=${quoted(told(values))} ;;`;
  });
  const taking = commands.flatMap(({ words, options }) =>
    options.flatMap(({ flags, values }) =>
      values === null
        ? []
        : [
            `    ${flags.map((flag) => quoted(`${words.join(' ')} ${flag}`)).join('|')}) echo ${quoted(told(values))} ;;`,
          ],
    ),
  );
  return `# bash completion for ovadex; put it into /usr/share/bash-completion/completions/ovadex

# What the option of a command takes: words, or @users, @files, @folders, @nothing; no output where it takes nothing.
_ovadex_takes() {
  case $1 in
${taking.join('\n')}
  esac
}

_ovadex_users() {
  local at config='' user
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ \${COMP_WORDS[at]} == --config ]] && config=\${COMP_WORDS[at + 1]}
    [[ $config == = ]] && config=\${COMP_WORDS[at + 2]}
  done
  while IFS= read -r user; do
    [[ $user == "$cur"* ]] && COMPREPLY+=("$(printf %q "$user")")
  done < <(ovadex complete users \${config:+--config "$config"} 2>/dev/null)
}

_ovadex() {
  local cur prev at each next values='' words='' path=''
  local -a known=(${names.join(' ')})
  COMPREPLY=()
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD - 1]}
  # --user=jm is three words here.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    # The value of an option is no command.
    if [[ \${COMP_WORDS[at]} == -* ]]; then
      [[ -n $(_ovadex_takes "$path \${COMP_WORDS[at]}") ]] && ((at += 1))
      continue
    fi
    next="\${path:+$path }\${COMP_WORDS[at]}"
    for each in "\${known[@]}"; do [[ $each == "$next" ]] && path=$next; done
  done
  case $path in
${cases.join('\n')}
  esac
  if [[ $prev == -* ]] && each=$(_ovadex_takes "$path $prev") && [[ -n $each ]]; then
    words='' values=$each
  elif [[ $cur == -* ]]; then
    values=@nothing
  fi
  case $values in
    @users) _ovadex_users ;;
    @files) while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "$cur") ;;
    @folders) while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -d -- "$cur") ;;
    @nothing) ;;
    *) words="$words $values" ;;
  esac
  case $values in
    @files | @folders) type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null ;;
  esac
  COMPREPLY+=($(compgen -W "$words" -- "$cur"))
}
complete -F _ovadex ovadex`;
}

function told(values: Values): string {
  return values.kind === 'words' ? values.words.join(' ') : `@${values.kind}`;
}
