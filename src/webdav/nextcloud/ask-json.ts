import { blot } from '../../domain/text/blot.js';
import { connectionFailure } from '../failure/connection-failure.js';
import { statusFailure } from '../failure/failure.js';
import { type DavAnswer, deadlineIn, type Transport } from '../transport/transport.js';
import { gatherJson } from './gather-json.js';

/** A question to one of a Nextcloud's own endpoints. */
export interface JsonQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The percent-encoded path and query. */
  readonly path: string;
  readonly account?: { readonly username: string; readonly password: string };
  /** Fields of a form, sent as the body. */
  readonly form?: Readonly<Record<string, string>>;
}

/** The answer: `json` is undefined if the body is none. `detail` describes it in words, without any secret. */
export type JsonAnswer =
  | { readonly status: number; readonly json: unknown; readonly detail: string }
  /** Nothing usable came back. */
  | { readonly status: null; readonly detail: string };

/** Asks once. Rejects only with the reason of an aborted signal. */
export type AskJson = (question: JsonQuestion, signal: AbortSignal) => Promise<JsonAnswer>;

export interface AskJsonDeps {
  readonly transport: Transport;
  /** Headers of the connection settings. */
  readonly headers: Readonly<Record<string, string>>;
  /** Nextcloud shows it to the user as the name of the app password. */
  readonly userAgent: string;
  /** Time for the whole request, in ms. */
  readonly totalMs: number;
}

/** These answers take some hundred bytes; this only protects memory. */
const MAX_BYTES = 65_536;

/** Creates the function that asks; it follows no redirect, so that credentials stay where they belong. */
export function createAskJson({ transport, headers: own, userAgent, totalMs }: AskJsonDeps): AskJson {
  return async ({ method, path, account, form }, signal) => {
    const gathered = gatherJson(MAX_BYTES);
    try {
      const headers = { ...own, 'User-Agent': userAgent, ...headersOf(account, form) };
      const body = form === undefined ? '' : new URLSearchParams(form).toString();
      const { readerOf } = gathered;
      const answer = await transport({ method, path, headers, body, deadline: deadlineIn(totalMs), readerOf }, signal);
      if (!answer.ok) {
        const words = blot(wordsOf(answer), Object.values(form ?? {}));
        return { status: answer.status, json: undefined, detail: `it ${words}` };
      }
      return {
        status: answer.status,
        json: gathered.json(),
        detail: `it answered ${answer.status} with something unexpected`,
      };
    } catch (error) {
      signal.throwIfAborted();
      return { status: null, detail: connectionFailure(error, 'head').detail };
    }
  };
}

function headersOf(account: JsonQuestion['account'], form: JsonQuestion['form']): Record<string, string> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    // Without it Nextcloud refuses its OCS endpoints as a possible forgery.
    'OCS-APIRequest': 'true',
  };
  if (form !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  if (account !== undefined) {
    const text = Buffer.from(`${account.username}:${account.password}`, 'utf8').toString('base64');
    headers['Authorization'] = `Basic ${text}`;
  }
  return headers;
}

/** The words of a refusal, without what WebDAV would have expected in its place. */
function wordsOf(answer: DavAnswer): string {
  return statusFailure(answer).detail.replace(/; expected 207 Multi-Status$/, '');
}
