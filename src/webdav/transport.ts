import type { Dispatcher } from 'undici';

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

/** Settles at the end of the body. Rejects with an error of the connection or the reason of an aborted signal. */
export type Transport = (request: DavRequest, signal: AbortSignal) => Promise<DavAnswer>;

/** A body that nobody reads is taken in so far to keep its connection; a longer one costs the connection. */
const UNREAD_BYTES = 65_536;

/**
 * Sends paths as they stand and follows no redirect, so credentials go nowhere but to `origin`. undici's `request` and
 * its body streams take twice the processor time.
 */
export function createTransport(dispatcher: Dispatcher, origin: string, timeouts: Timeouts): Transport {
  const options = { origin, headersTimeout: timeouts.firstByteMs, bodyTimeout: timeouts.silenceMs };

  return ({ method, path, headers, body, readerOf }, signal) =>
    new Promise((resolve, reject) => {
      let connection: Dispatcher.DispatchController | null = null;
      let answer: DavAnswer | null = null;
      let reader: BodyReader | null = null;
      let unreadBytes = 0;

      const abort = () => {
        reject(signal.reason as Error);
        connection?.abort(signal.reason as Error);
      };
      const settle = (error: Error | null) => {
        signal.removeEventListener('abort', abort);
        // What breaks in a body that nobody reads is nobody's concern either.
        if (answer !== null && (error === null || reader === null)) resolve(answer);
        else reject(error);
      };
      const leaveRest = () => {
        settle(null);
        connection?.abort(new Error('the rest of the body is not wanted'));
      };
      const read = (chunk: Uint8Array, from: BodyReader) => {
        const isWanted = from.write(chunk);
        if (isWanted === true) return;
        if (isWanted === false) return leaveRest();
        connection?.pause();
        void isWanted.then((goesOn) => (goesOn ? connection?.resume() : leaveRest()));
      };

      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      dispatcher.dispatch(
        { ...options, method, path, headers, body },
        {
          onRequestStart(controller) {
            connection = controller;
            if (signal.aborted) controller.abort(signal.reason as Error); // while it waited for a connection
          },
          onResponseStart(_controller, status, answered, statusText = '') {
            if (status < 200) return; // the answer is yet to come (RFC 9110 15.2)
            answer = answerOf(status, statusText, answered);
            reader = readerOf(answer);
          },
          onResponseData(_controller, chunk) {
            if (reader !== null) return read(chunk, reader);
            unreadBytes += chunk.length;
            if (unreadBytes > UNREAD_BYTES) leaveRest();
          },
          onResponseEnd: () => settle(null),
          onResponseError: (_controller, error) => settle(error),
        },
      );
    });
}

function answerOf(status: number, statusText: string, headers: Headers): DavAnswer {
  return {
    status,
    statusText,
    ok: status >= 200 && status < 300,
    headers: {
      get: (name) => headerValues(headers, name).join(', ') || null,
      all: (name) => headerValues(headers, name),
    },
  };
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

function headerValues(headers: Headers, name: string): readonly string[] {
  const value = headers[name.toLowerCase()] ?? [];
  return typeof value === 'string' ? [value] : value;
}
