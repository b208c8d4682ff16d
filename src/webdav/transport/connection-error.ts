/**
 * What broke an exchange from outside: the connection, what came over it, or undici's opinion of that. Whatever else is
 * thrown is a mistake of this program. Tells the two apart by where they come from, since not every error of undici or
 * Node has a code.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    readonly reason: unknown,
    /** Takes the secrets of the request out of a text. */
    readonly blot: (text: string) => string = (text) => text,
  ) {
    super('a request to the storage broke');
  }
}
