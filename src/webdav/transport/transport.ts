import type { Dispatcher } from 'undici';
import { blot } from '../../domain/text/blot.js';
import { abortWaiters } from './abort-waiters.js';
import { ConnectionError } from './connection-error.js';
import { sentSecrets } from './secrets.js';

export interface Timeouts {
  /** Time from the request to the status line. */
  readonly firstByteMs: number;
  /** Time between two pieces of the body. */
  readonly silenceMs: number;
  /** Time for the whole request. */
  readonly totalMs: number;
}

/** An answer without its body, which was read as it arrived. */
export interface DavAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: {
    /** Returns all headers of the name as one list. */
    get(name: string): string | null;
    /** Returns the headers of the name one by one. */
    all(name: string): readonly string[];
  };
  /** Returns the kept beginning of a body that nobody read. */
  opening(): Uint8Array;
  /** Removes the request's secrets from a text: pages and phrases may repeat them. */
  blot(text: string): string;
}

/** Reads a body while it arrives. */
export interface BodyReader {
  /** Returns false if the rest is not wanted. A promise pauses the connection until it settles; it never rejects. */
  write(bytes: Uint8Array): boolean | Promise<boolean>;
}

/** When an answer must be complete, however many requests it takes. */
export interface Deadline {
  /** As `performance.now` tells it. */
  readonly at: number;
  /** The time from the beginning to the deadline, for messages. */
  readonly totalMs: number;
}

/** Returns the deadline that lies this many ms ahead. */
export function deadlineIn(totalMs: number): Deadline {
  return { at: performance.now() + totalMs, totalMs };
}

export interface DavRequest {
  readonly method: string;
  /** The percent-encoded path, sent unchanged in the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly deadline: Deadline;
  /** Returns the reader for the body of this answer; null if it is not read. */
  readonly readerOf: (answer: DavAnswer) => BodyReader | null;
}

/** Resolves at the end of the body. Rejects with a `ConnectionError` or the reason of an aborted signal. */
export type Transport = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/** How much of an unwanted body is received to keep its connection; a longer one closes the connection. */
const UNREAD_BYTES = 65_536;
/** How much of an unwanted body is kept: a refusal gives its reason first. */
const OPENING_BYTES = 1_024;

/**
 * Sends paths unchanged and follows no redirects, so that credentials go only to `origin`. undici's `request` and its
 * body streams would take twice the processor time.
 */
export function createTransport(
  dispatcher: Dispatcher,
  origin: string,
  timeouts: Timeouts,
  /** Secrets of the space, in addition to those visible in a request. */
  secrets: readonly string[],
): Transport {
  const { firstByteMs: headersTimeout, silenceMs: bodyTimeout } = timeouts;

  return ({ method, path, headers, body, deadline, readerOf }, signal) =>
    new Promise((resolve, reject) => {
      let connection: Dispatcher.DispatchController | null = null;
      let answer: DavAnswer | null = null;
      let reader: BodyReader | null = null;
      let unreadBytes = 0;
      let opening: Uint8Array = new Uint8Array(0);
      let mistake: { readonly error: unknown } | null = null;
      const hide = (text: string) => blot(text, [...secrets, ...sentSecrets(headers)]);

      const waiters = abortWaiters(signal);
      /** Why the answer is no longer waited for. */
      let ended: { readonly reason: Error } | null = null;
      const end = (reason: Error) => {
        ended = { reason };
        stopWaiting();
        reject(reason);
        connection?.abort(reason);
      };
      const abort = () => end(signal.reason as Error);
      const expire = () => end(new ConnectionError(tooLate(deadline)));
      const stopWaiting = () => {
        waiters.delete(abort);
        clearTimeout(timer);
      };
      const settle = (error: unknown) => {
        stopWaiting();
        if (mistake !== null) reject(mistake.error);
        // Errors in a body that nobody reads don't matter either.
        else if (answer !== null && (error === null || reader === null)) resolve(answer);
        else reject(new ConnectionError(error, hide));
      };
      /** Remembers errors thrown here, which undici would report as connection errors. */
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

      if (signal.aborted) return reject(signal.reason as Error);
      waiters.add(abort);
      const timer = setTimeout(expire, deadline.at - performance.now());
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(controller) {
          connection = controller;
          if (ended !== null) controller.abort(ended.reason); // while it waited for a connection
        },
        onResponseStart(_controller, status, answered, statusText = '') {
          if (status < 200) return; // the final answer is yet to come (RFC 9110 15.2)
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
        // Property by property: an object that spreads another one takes the engine 3 µs, more than all else here.
        dispatcher.dispatch({ origin, headersTimeout, bodyTimeout, method, path, headers, body }, handler);
      } catch (error) {
        settle(error);
      }
    });
}

function tooLate({ totalMs }: Deadline): Error {
  return Object.assign(new Error(`not answered within ${totalMs} ms`), { code: 'ETIMEDOUT' });
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
