import type { DavAnswer } from '../transport/transport.js';

/** Authenticates all requests of one space to its storage. */
export interface Authenticator {
  /**
   * Calls `send` with an Authorization header (null for none), again if a 401 asks for another one, and returns its
   * last answer. A returned 401 means that the credentials were refused. Rejects with the error of `send`, the signal's
   * reason, or `UnusableCredentials`.
   */
  ask(asked: AskedResource, send: Send, signal: AbortSignal): Promise<DavAnswer>;
}

export interface AskedResource {
  readonly method: string;
  /** Exactly as in the request line. */
  readonly uri: string;
}

export type Send = (authorization: string | null) => Promise<DavAnswer>;
