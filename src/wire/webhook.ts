import type { WebhookOverview, WebhookStanding } from '../domain/ports/webhook-store.js';
import { timestampInSeconds } from './timestamp.js';

/** A space of which a webhook doesn't know everything yet, as JSON. */
export interface WebhookStandingJson {
  readonly user: string;
  readonly state: WebhookStanding['tries']['state'];
  readonly attempts: number;
  /** When the message was made that is to be taken next. */
  readonly waiting_since: string | null;
  readonly next_attempt_on: string | null;
  readonly last_error: string | null;
}

/** How far a webhook has been told, as JSON; its address and its secret are not shown. */
export interface WebhookJson {
  readonly name: string;
  /** How many concern it. */
  readonly spaces: number;
  readonly behind: readonly WebhookStandingJson[];
}

export function webhookToJson({ name, spaces, behind }: WebhookOverview): WebhookJson {
  return { name, spaces, behind: behind.map(standingToJson) };
}

function standingToJson({ user, tries, since }: WebhookStanding): WebhookStandingJson {
  return {
    user,
    state: tries.state,
    attempts: tries.attempts,
    waiting_since: timestampInSeconds(since),
    next_attempt_on: timestampInSeconds(tries.nextAt),
    last_error: tries.lastError,
  };
}
