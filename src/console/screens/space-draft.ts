/** A token to be made, as it was typed in. */
export interface TokenDraft {
  readonly name: string;
  readonly days: string;
  readonly scopes: readonly string[];
}

/** What the API refused of a form of the own space, shown in place with what was typed in. */
export interface SpaceDraft {
  readonly status: number;
  readonly detail: string;
  readonly token?: TokenDraft;
  /** The address of the storage to connect, once the API has asked which one is meant. */
  readonly server?: string;
}
