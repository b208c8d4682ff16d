import type { Dispatcher } from 'undici';
import { blot } from '../../domain/text/blot.js';
import { ConnectionError } from './connection-error.js';
import { sentSecrets } from './secrets.js';

export interface Timeouts {
  /** From the request to the status line. */
  readonly firstByteMs: number;
  /** Between two pieces of the body. */
  readonly silenceMs: number;
  /** The whole request. */
  readonly totalMs: number;
}

/** An answer without its body, which was read as it came. */
export interface DavAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: {
    /** Several headers of the name as one list. */
    get(name: string): string | null;
    /** One by one, as they came. */
    all(name: string): readonly string[];
  };
  /** The beginning of a body that nobody read, as far as it was kept. */
  opening(): Uint8Array;
  /** Takes what the request was sent with out of a text: pages and phrases repeat it. */
  blot(text: string): string;
}

/** Reads a body while it arrives. */
export interface BodyReader {
  /** False: the rest is not wanted. A promise of it holds the connection until it is settled; it never rejects. */
  write(bytes: Uint8Array): boolean | Promise<boolean>;
}

export interface DavRequest {
  readonly method: string;
  /** Percent-encoded; goes into the request line as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Who reads the body of this answer; null where nobody does. */
  readonly readerOf: (answer: DavAnswer) => BodyReader | null;
}

/** Settles at the end of the body. Rejects with a `ConnectionError` or the reason of an aborted signal. */
export type Transport = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/** A body that nobody reads is taken in so far to keep its connection; a longer one costs the connection. */
const UNREAD_BYTES = 65_536;
/** So much of it is kept: a refusal gives its reason first. */
const OPENING_BYTES = 1_024;

/**
 * Sends paths as they stand and follows no redirect, so credentials go nowhere but to `origin`. undici's `request` and
 * its body streams take twice the processor time.
 */
export function createTransport(
  dispatcher: Dispatcher,
  origin: string,
  timeouts: Timeouts,
  /** Of the space, beside those that a request shows itself. */
  secrets: readonly string[],
): Transport {
  const options = { origin, headersTimeout: timeouts.firstByteMs, bodyTimeout: timeouts.silenceMs };

  return ({ method, path, headers, body, readerOf }, signal) =>
    new Promise((resolve, reject) => {
      let connection: Dispatcher.DispatchController | null = null;
      let answer: DavAnswer | null = null;
      let reader: BodyReader | null = null;
      let unreadBytes = 0;
      let opening: Uint8Array = new Uint8Array(0);
      let mistake: { readonly error: unknown } | null = null;
      const hide = (text: string) => blot(text, [...secrets, ...sentSecrets(headers)]);

      const abort = () => {
        reject(signal.reason as Error);
        connection?.abort(signal.reason as Error);
      };
      const settle = (error: unknown) => {
        signal.removeEventListener('abort', abort);
        if (mistake !== null) reject(mistake.error);
        // What breaks in a body that nobody reads is nobody's concern either.
        else if (answer !== null && (error === null || reader === null)) resolve(answer);
        else reject(new ConnectionError(error, hide));
      };
      /** undici hands over what is thrown here as if the connection had done it. */
      const attempt = <Value>(work: () => Value): Value => {
        try {
          return work();
        } catch (error) {
          mistake = { error };
          throw error;
        }
      };
      const leaveRest = () => {
        settle(null);
        connection?.abort(new Error('the rest of the body is not wanted'));
      };
      const read = (chunk: Uint8Array, from: BodyReader) => {
        const isWanted = attempt(() => from.write(chunk));
        if (isWanted === true) return;
        if (isWanted === false) return leaveRest();
        connection?.pause();
        void isWanted.then((goesOn) => (goesOn ? connection?.resume() : leaveRest()));
      };

      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(controller) {
          connection = controller;
          if (signal.aborted) controller.abort(signal.reason as Error); // while it waited for a connection
        },
        onResponseStart(_controller, status, answered, statusText = '') {
          if (status < 200) return; // the answer is yet to come (RFC 9110 15.2)
          const started = answerOf({ status, statusText, headers: answered, opening: () => opening, blot: hide });
          answer = started;
          reader = attempt(() => readerOf(started));
        },
        onResponseData(_controller, chunk) {
          if (reader !== null) return read(chunk, reader);
          if (opening.length < OPENING_BYTES) {
            opening = Buffer.concat([opening, chunk.subarray(0, OPENING_BYTES - opening.length)]);
          }
          unreadBytes += chunk.length;
          if (unreadBytes > UNREAD_BYTES) leaveRest();
        },
        onResponseEnd: () => settle(null),
        onResponseError: (_controller, error) => settle(error),
      };
      try {
        dispatcher.dispatch({ ...options, method, path, headers, body }, handler);
      } catch (error) {
        settle(error);
      }
    });
}

type AnsweredHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

function answerOf({
  status,
  statusText,
  headers,
  opening,
  blot: hide,
}: Pick<DavAnswer, 'status' | 'statusText' | 'opening' | 'blot'> & { readonly headers: AnsweredHeaders }): DavAnswer {
  return {
    status,
    statusText,
    opening,
    blot: hide,
    ok: status >= 200 && status < 300,
    headers: {
      get: (name) => headerValues(headers, name).join(', ') || null,
      all: (name) => headerValues(headers, name),
    },
  };
}

function headerValues(headers: AnsweredHeaders, name: string): readonly string[] {
  const value = headers[name.toLowerCase()] ?? [];
  return typeof value === 'string' ? [value] : value;
}
