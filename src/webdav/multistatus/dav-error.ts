import type { ListingFailure } from '../../domain/model/listing.js';
import { oneLine } from '../../domain/text/printable.js';

/** The contents of a `{DAV:}error` document (RFC 4918 8.7) other than its preconditions. */
export interface DavErrorWords {
  /** The class of sabre's exception, as sent by Nextcloud, ownCloud and Baikal. */
  readonly exception: string | null;
  readonly message: string | null;
}

/** Extracts the words from such a document, whose root has already been opened. */
export interface DavErrorReader {
  open(name: { readonly uri: string; readonly local: string }): void;
  close(): void;
  text(piece: string): void;
  isCapturing(): boolean;
  words(): DavErrorWords;
}

const SABRE = 'http://sabredav.org/ns';
/** The namespace of mod_dav and Subversion. */
const APACHE = 'http://apache.org/dav/xmlns';
/** How much of each text is kept; further on, a message has file names and a trace. */
const KEPT_LENGTH = 1_024;
/** How much of a text is shown: a line or two of a terminal. */
const SHOWN_LENGTH = 200;
/** A class name in PHP, or in other languages. */
const CLASS_NAME = /^[\w.:\\$]{1,120}$/;
const NOT_FOUND = /^(?:File|Node|Resource|Collection|Folder|Directory|Path)?NotFound(?:Exception)?$/;
const REFUSALS = new Map<string, ListingFailure & ('unauthorized' | 'forbidden')>([
  ['NotAuthenticated', 'unauthorized'],
  ['Forbidden', 'forbidden'],
]);
/** Recognises disabled accounts; Nextcloud translates the message, but not the class. */
const DISABLED = /\bDisabledUserException\b|\b(?:account|user) (?:is )?disabled\b/i;

export function createDavErrorReader(): DavErrorReader {
  const kept = { exception: null as string | null, message: null as string | null };
  let depth = 1;
  let capturing: keyof DavErrorWords | null = null;

  return {
    open({ uri, local }) {
      depth++;
      if (depth !== 2) return;
      if (uri === SABRE && (local === 'exception' || local === 'message')) capturing = local;
      else if (uri === APACHE && local === 'human-readable') capturing = 'message';
      else capturing = null;
    },
    close() {
      if (depth === 2) capturing = null;
      depth--;
    },
    text(piece) {
      if (capturing === null || depth !== 2) return;
      const before = kept[capturing] ?? '';
      if (before.length < KEPT_LENGTH) kept[capturing] = (before + piece).slice(0, KEPT_LENGTH);
    },
    isCapturing: () => capturing !== null,
    words: () => ({ ...kept }),
  };
}

/** Formats what is known as `"message" (exception)` for a detail; `blot` removes secrets. */
export function quoteWords({ exception, message }: DavErrorWords, blot: (text: string) => string): string {
  const line = oneLine(blot(message ?? ''), SHOWN_LENGTH);
  const name = exception?.trim() ?? '';
  const shownName = CLASS_NAME.test(name) ? blot(name) : '';
  return [line === '' ? '' : `"${line}"`, shownName === '' ? '' : `(${shownName})`]
    .filter((part) => part !== '')
    .join(' ');
}

/**
 * Classifies an error document sent with status 207: Nextcloud 33 chooses that status before it knows the result
 * (nextcloud/server#63415).
 */
export function failureOfError(
  words: DavErrorWords,
): (ListingFailure & ('not-found' | 'unauthorized' | 'forbidden')) | null {
  if (isDisabledAccount(words)) return 'unauthorized';
  const name = /[^\\.:$]*$/.exec(words.exception?.trim() ?? '')?.[0] ?? '';
  return NOT_FOUND.test(name) ? 'not-found' : (REFUSALS.get(name) ?? null);
}

/** Whether the whole server is in maintenance mode, as Nextcloud and ownCloud say by a class of their own. */
export function isMaintenance({ exception }: DavErrorWords): boolean {
  return /(?:^|[\\.:])ServerMaintenanceMode$/.test(exception?.trim() ?? '');
}

/** Whether the account is disabled, so that the credentials count as refused, whatever the status: Nextcloud's is 503. */
export function isDisabledAccount({ exception, message }: DavErrorWords): boolean {
  return DISABLED.test(exception ?? '') || DISABLED.test(message ?? '');
}
