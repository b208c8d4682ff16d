/** What may stand for an option or an argument. `words`: one of these, and maybe others. `nothing`: text of somebody's own. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'users' | 'files' | 'folders' | 'nothing' };

export interface CompletedOption {
  /** `--user`, and `-u` where there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** null: it takes none. */
  readonly values: Values | null;
}

/** One command with the words that lead to it, and what may follow them. */
export interface CompletedCommand {
  readonly words: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** What its arguments are, all together. */
  readonly values: Values;
}
