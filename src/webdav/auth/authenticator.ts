import type { DavAnswer } from '../transport/transport.js';

/** Tells a storage who asks, for all requests of one space. */
export interface Authenticator {
  /**
   * Answers what `send` got in the end; it is called with the Authorization header (null: none), and called again
   * where a 401 asks for another one. A 401 that comes out is a refusal of the credentials. Rejects as `send`
   * does, with the signal's reason, or with `UnusableCredentials`.
   */
  ask(asked: AskedResource, send: Send, signal: AbortSignal): Promise<DavAnswer>;
}

export interface AskedResource {
  readonly method: string;
  /** Exactly as in the request line. */
  readonly uri: string;
}

export type Send = (authorization: string | null) => Promise<DavAnswer>;
