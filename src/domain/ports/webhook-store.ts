import type { WebhookTrouble } from '../diagnosis/diagnose-webhook.js';
import type { WebhookTotals } from '../model/measurements.js';
import type { FeedRow, MessageType, Pending } from '../webhooks/next-message.js';
import type { Tries } from '../webhooks/retry.js';
import type { WebhookInterest } from '../webhooks/webhook.js';

/** What has to be done next for a webhook and a space. */
export type WebhookTask =
  | { readonly kind: 'idle' }
  /** Something was passed over; there may be more. */
  | { readonly kind: 'again' }
  | {
      readonly kind: 'send';
      readonly user: string;
      readonly pending: Pending;
      readonly type: MessageType;
      readonly rows: readonly FeedRow[];
      readonly tries: Tries;
      /** How many messages the index had begun when this one was: it only grows, unless the index went back. */
      readonly number: number;
    };

/** A space that a webhook is behind with, and why. */
export interface WebhookStanding {
  readonly name: string;
  readonly user: string;
  readonly tries: Tries;
  /** When the message was made that is to be taken next; null: it hasn't been made yet. */
  readonly since: number | null;
}

/** How many spaces a webhook knows everything of, and which not. */
export interface WebhookOverview {
  readonly name: string;
  readonly spaces: number;
  readonly behind: readonly WebhookStanding[];
}

/** Where each webhook is in the history of each space. Times are ms since the epoch. */
export interface WebhookStore {
  /** Takes in webhooks: a new one, or one of further users, begins at the present of the spaces that are known. */
  follow(hooks: readonly (WebhookInterest & { readonly target: string })[]): Promise<void>;
  /** Returns the spaces of which something is to be told now, those after `after`, and when the next one is due. */
  due(
    hook: WebhookInterest,
    now: number,
    after: number,
  ): Promise<{ readonly spaces: readonly number[]; readonly nextAt: number | null }>;
  /** Begins a message, or returns the one that is pending; what it tells is stored for good before. */
  next(hook: WebhookInterest, spaceId: number, now: number, newId: string): Promise<WebhookTask>;
  /** Notes that a message was taken. */
  taken(name: string, spaceId: number, messageId: string): Promise<void>;
  /** Notes what follows from a failure. */
  failed(name: string, spaceId: number, messageId: string, tries: Tries): Promise<void>;
  /** Makes all that waits or has been given up due at once, of one user or all; returns of how many spaces. */
  retry(name: string, user: string | null): Promise<number>;
  /** Notes that the index went back to an earlier state unless it has begun `number` messages. */
  hasBegun(number: number): Promise<void>;
  /** Sums up what isn't taken yet. */
  totals(hooks: readonly Pick<WebhookInterest, 'name'>[]): Promise<readonly WebhookTotals[]>;
  overview(hooks: readonly WebhookInterest[]): Promise<readonly WebhookOverview[]>;
  /** Returns `webhookTroubleOf` each one's overview, without reading all that; users may be named in another order. */
  troubles(hooks: readonly WebhookInterest[], now: number): Promise<readonly WebhookTrouble[]>;
}
