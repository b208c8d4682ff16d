/** Who is sending a message, of several crawlers that share an index. */
export interface Sending {
  readonly sender: string;
  /** Until when no other one sends it, in ms since the epoch. */
  readonly until: number;
}

/**
 * For how long a crawler alone sends a message that it has begun to send: an answer takes ten seconds at most. After that
 * the crawler hangs, has ended, or can't reach the database, and another one sends it.
 */
export const SENT_FOR_MS = 15_000;

/** Whether somebody else is sending a message, so that `sender` doesn't. */
export function isSentByAnother(sending: Sending | undefined, sender: string, now: number): boolean {
  return sending !== undefined && sending.sender !== sender && sending.until > now;
}
