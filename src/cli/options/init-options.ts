import type { FirstAnswers } from '../../config/first-config.js';

export interface InitOptions {
  readonly config: string;
  readonly url?: string;
  readonly user?: readonly string[];
  readonly discover?: boolean;
  readonly nextcloud?: string;
  readonly auth?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly data?: string;
  /** Skips asking the storage. */
  readonly offline?: boolean;
}

/** The answers so far, with a secret that was typed and is not in a file yet. */
export type GivenAnswers = Omit<FirstAnswers, 'dataDirectory'> & { readonly secret: string | null };
