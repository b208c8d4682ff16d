import type { ListingFailure } from '../../domain/model/listing.js';
import { oneLine } from '../../domain/text/printable.js';

/** What a `{DAV:}error` document (RFC 4918 8.7) says beside its preconditions. */
export interface DavErrorWords {
  /** The class of sabre's exception, as Nextcloud, ownCloud and Baikal name it. */
  readonly exception: string | null;
  readonly message: string | null;
}

/** Takes the words out of such a document, whose root has been opened. */
export interface DavErrorReader {
  open(name: { readonly uri: string; readonly local: string }): void;
  close(): void;
  text(piece: string): void;
  isCapturing(): boolean;
  words(): DavErrorWords;
}

const SABRE = 'http://sabredav.org/ns';
/** mod_dav's and Subversion's. */
const APACHE = 'http://apache.org/dav/xmlns';
/** Of each text; behind its beginning a message has file names and a trace. */
const KEPT_LENGTH = 1_024;
/** Of a text as it is shown: a line or two of a terminal. */
const SHOWN_LENGTH = 200;
/** Names of PHP, with what else tells classes apart in other languages. */
const CLASS_NAME = /^[\w.:\\$]{1,120}$/;
const NOT_FOUND = /^(?:File|Node|Resource|Collection|Folder|Directory|Path)?NotFound(?:Exception)?$/;
const REFUSALS = new Map<string, ListingFailure & ('unauthorized' | 'forbidden')>([
  ['NotAuthenticated', 'unauthorized'],
  ['Forbidden', 'forbidden'],
]);
/** Nextcloud translates the words, but not the class in front of them. */
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

/** `"message" (exception)`, what there is of it, for a detail; `blot` takes secrets out of it. */
export function quoteWords({ exception, message }: DavErrorWords, blot: (text: string) => string): string {
  const line = oneLine(blot(message ?? ''), SHOWN_LENGTH);
  const name = exception?.trim() ?? '';
  const shownName = CLASS_NAME.test(name) ? blot(name) : '';
  return [line === '' ? '' : `"${line}"`, shownName === '' ? '' : `(${shownName})`]
    .filter((part) => part !== '')
    .join(' ');
}

/** What an error is that came as the document of a 207: Nextcloud 33 decides on that status before it looks (nextcloud/server#63415). */
export function failureOfError(
  words: DavErrorWords,
): (ListingFailure & ('not-found' | 'unauthorized' | 'forbidden')) | null {
  if (isDisabledAccount(words)) return 'unauthorized';
  const name = /[^\\.:$]*$/.exec(words.exception?.trim() ?? '')?.[0] ?? '';
  return NOT_FOUND.test(name) ? 'not-found' : (REFUSALS.get(name) ?? null);
}

/** The credentials are refused then, whatever the status: Nextcloud's is 503. */
export function isDisabledAccount({ exception, message }: DavErrorWords): boolean {
  return DISABLED.test(exception ?? '') || DISABLED.test(message ?? '');
}
