import type { ListingFailure } from '../../domain/model/listing.js';
import { oneLine } from '../../domain/text/printable.js';
import type { Exchange } from '../auth/exchange.js';
import { connectionFailure } from '../failure/connection-failure.js';
import { statusFailure } from '../failure/failure.js';
import { type DavAnswer, deadlineIn } from '../transport/transport.js';
import { gatherJson } from './gather-json.js';

/** What Nextcloud's OCS API answered. `detail` says so in words, without any secret. */
export type OcsAnswer = { readonly url: string; readonly detail: string } & (
  | { readonly data: unknown }
  | { readonly failure: ListingFailure }
);

export interface AskOcsDeps {
  readonly exchange: Exchange;
  /** The Nextcloud's own URL, which ends in a slash. */
  readonly base: string;
  readonly userAgent: string;
  readonly totalMs: number;
}

/** A page of users takes some 50 kB, a group of 200,000 some 8 MB; this only protects memory. */
const MAX_BYTES = 16_777_216;
/** Limits Nextcloud's own words in a message. */
const LONGEST_WORDS = 200;
/** Codes of the API's first version, and of the second, which are those of HTTP. */
const OK = new Set([100, 200]);
const UNAUTHORIZED = new Set([401, 997]);

/** Asks one question below `ocs/v1.php/`, without any retry. Rejects only with the reason of an aborted signal. */
export async function askOcs(
  path: string,
  { exchange, base, userAgent, totalMs }: AskOcsDeps,
  signal: AbortSignal,
): Promise<OcsAnswer> {
  const url = `${base}ocs/v1.php/${path}`;
  const { origin } = new URL(base);
  const body = gatherJson(MAX_BYTES);
  // Without its own header Nextcloud refuses a request of this API as a possible forgery.
  const headers = { Accept: 'application/json', 'OCS-APIRequest': 'true', 'User-Agent': userAgent };
  const deadline = deadlineIn(totalMs);
  const request = {
    method: 'GET',
    path: url.slice(origin.length),
    headers,
    body: '',
    deadline,
    readerOf: body.readerOf,
  };
  try {
    const answer = await exchange(request, signal);
    const said = answer.ok ? judge(body.json(), answer) : null;
    if (said !== null) return { url, ...said };
    const { failure, detail } = statusFailure(answer);
    const told = detail.replace(/; expected 207 Multi-Status$/, '; expected 200 with JSON');
    return { url, failure: failure === 'not-multistatus' ? 'malformed' : failure, detail: told };
  } catch (error) {
    signal.throwIfAborted();
    const { failure, detail } = connectionFailure(error, 'head');
    return { url, failure, detail };
  }
}

type Said = { readonly detail: string } & ({ readonly data: unknown } | { readonly failure: ListingFailure });

/** Reads the envelope of an answer; null if it has none. */
function judge(json: unknown, { blot }: DavAnswer): Said | null {
  const { meta, data } = Object((Object(json) as { ocs?: unknown }).ocs) as { meta?: unknown; data?: unknown };
  const { statuscode, message } = Object(meta) as { statuscode?: unknown; message?: unknown };
  if (typeof statuscode !== 'number') return null;
  const words = typeof message === 'string' ? oneLine(blot(message), LONGEST_WORDS) : '';
  const detail = `status ${statuscode}${words === '' ? '' : `: ${words}`}`;
  if (OK.has(statuscode)) return { data, detail };
  if (UNAUTHORIZED.has(statuscode)) return { failure: 'unauthorized', detail };
  return { failure: statuscode === 403 ? 'forbidden' : 'status', detail };
}
