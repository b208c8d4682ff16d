import { STATUS_CODES } from 'node:http';
import type { ListingFailure } from '../../domain/model/listing.js';
import { oneLine } from '../../domain/text/printable.js';
import { isDisabledAccount, isMaintenance, quoteWords } from '../multistatus/dav-error.js';
import { type ErrorWords, readErrorWords } from '../multistatus/error-words.js';
import type { DavAnswer } from '../transport/transport.js';
import { parseChallenges } from './challenge.js';
import { retryAfterBy, type Trouble } from './retry.js';

/** Why a request brought no listing: for the verdict, for administrators, and for the retry table. */
export interface Failed {
  readonly failure: ListingFailure;
  readonly detail: string;
  readonly trouble: Trouble;
}

/** Limits the name of an authentication scheme in a message; the longest registered one is `SCRAM-SHA-256`. */
const LONGEST_SCHEME = 20;
/** Limits a phrase, URL or type sent by the storage. */
const LONGEST_WORDS = 200;

/** The verdict's name for a status; others are called `status`. */
const FAILURE_BY_STATUS = new Map<number, ListingFailure>([
  [200, 'not-multistatus'],
  [400, 'rejected'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'rejected'],
  [410, 'not-found'],
]);

/** Credentials that could not be used for a request, which is not a refusal of them. The message contains no secret. */
export class UnusableCredentials extends Error {
  override readonly name = 'UnusableCredentials';
}

/** A proxy's refusal to open a tunnel to the storage. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';

  constructor(readonly status: number) {
    super(`the proxy answered ${status} to CONNECT; expected 200`);
  }
}

/** Describes any status but the expected one, 207 for a listing. */
export function statusFailure(answer: DavAnswer, expected = '207 Multi-Status'): Failed {
  const { status, headers, blot } = answer;
  const words = readErrorWords(answer);
  const told = [reasonOf(answer), ...factsOf(answer), toldBy(words, status, blot)].join('');
  const detail = `answered ${status}${told}; expected ${expected}`;
  if (isDisabledAccount(words)) {
    // Nextcloud answers 503 here, which would be retried forever.
    return { failure: 'unauthorized', detail, trouble: { kind: 'permanent' } };
  }
  if (status === 503 && (isMaintenance(words) || headers.get('x-nextcloud-maintenance-mode') === '1')) {
    // Not a refusal for load: it lasts, and is over for all requests at once.
    return { failure: 'maintenance', detail, trouble: { kind: 'permanent' } };
  }
  const isRedirect = status >= 300 && status < 400;
  const known = status === 200 && words.isMultistatus ? 'status' : FAILURE_BY_STATUS.get(status);
  return {
    failure: isRedirect ? 'redirected' : (known ?? 'status'),
    detail,
    trouble: { kind: 'status', status, retryAfter: retryAfterBy(headers.get('retry-after'), headers.get('date')) },
  };
}

/** Quotes the storage's own words in a detail; a proxy may put a whole page of text into the phrase. */
function reasonOf({ status, statusText, blot }: DavAnswer): string {
  // A standard phrase reveals nothing about the user, even if somebody's password is one of its words.
  const shown = statusText === STATUS_CODES[status] ? statusText : oneLine(blot(statusText), LONGEST_WORDS);
  return shown === '' ? '' : ` ${shown}`;
}

function factsOf({ status, headers, blot }: DavAnswer): readonly string[] {
  const told = (text: string) => oneLine(blot(text), LONGEST_WORDS);
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) return [` to ${told(withoutSecrets(location))}`];
  if (status === 401) return [offeredSchemes(headers.all('www-authenticate').map(blot))];
  if (status === 200) return [` with ${told(headers.get('content-type') ?? 'no content type')}`];
  return [];
}

function toldBy(words: ErrorWords, status: number, blot: (text: string) => string): string {
  if (status === 200 && words.isMultistatus) {
    return ': a multistatus, which is valid only with status 207; check whether a proxy changes the status';
  }
  const said = quoteWords(words, blot);
  return said === '' ? '' : `: ${said}`;
}

/** Lists the schemes that the server would accept, if it says so: the wrong type of credentials is an easy mistake. */
function offeredSchemes(headers: readonly string[]): string {
  const schemes = new Set(parseChallenges(headers).map(({ scheme }) => scheme.slice(0, LONGEST_SCHEME)));
  return schemes.size === 0 ? '' : ` and asks for ${[...schemes].join(', ')}`;
}

/** Removes secrets from a URL: log-in portals put tokens into the query, and it may contain a password. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}
