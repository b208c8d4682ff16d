/** A way to sign in by the browser at an organisation's own issuer. */
export interface IssuerSignIn {
  /** What people call the issuer. */
  readonly label: string;
  /** Begins a sign-in. Rejects with OvadexError `unavailable` if the issuer does not answer as it should. */
  begin(): Promise<BegunSignIn>;
  /**
   * Returns a token of the API for whoever the issuer has sent back with this query; it is known to this process alone.
   * Rejects with OvadexError `unauthenticated` if the issuer, or what it says, lets nobody in, and `unavailable` if it
   * does not answer.
   */
  finish(query: URLSearchParams, begun: BegunSignIn): Promise<string>;
}

/** What has to be known when the browser comes back, and nobody but this process may know besides `url`. */
export interface BegunSignIn {
  /** Where the browser is sent. */
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}
