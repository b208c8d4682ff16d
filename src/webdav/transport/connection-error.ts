/**
 * An external error that ended an exchange: of the connection, its data, or undici's view of them. Anything else thrown
 * is a bug of this program. The two are distinguished by where they come from, since not every error of undici or Node
 * has a code.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    readonly reason: unknown,
    /** Removes the secrets of the request from a text. */
    readonly blot: (text: string) => string = (text) => text,
  ) {
    super('a request to the storage failed');
  }
}
