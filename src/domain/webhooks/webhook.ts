import type { ConnectionSettings } from '../model/space.js';

export const IMAGE_EVENTS = ['image.created', 'image.changed', 'image.deleted'] as const;
export const SPACE_EVENTS = ['space.failing', 'space.held', 'space.recovered'] as const;
/** What a webhook may be told of. */
export const WEBHOOK_EVENTS = [...IMAGE_EVENTS, ...SPACE_EVENTS] as const;
export type ImageEvent = (typeof IMAGE_EVENTS)[number];
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** A receiver of messages as it is configured. Its secret and connection are resolved; nothing of them is ever logged. */
export interface WebhookSettings {
  /** By which the index remembers how far it has been told. */
  readonly name: string;
  /** https or, on this machine, http; without credentials. */
  readonly url: string;
  /** The key of its signatures. */
  readonly secret: Uint8Array;
  /** Whose spaces it is told of; null for everybody's. */
  readonly users: readonly string[] | null;
  readonly events: readonly WebhookEvent[];
  /** Whether its host may be in a private network. */
  readonly allowPrivate: boolean;
  /** Not set for a plain connection. */
  readonly connection?: ConnectionSettings;
}

/** Whose changes a webhook is told, and which. */
export type WebhookInterest = Pick<WebhookSettings, 'name' | 'users' | 'events'>;

/** Whether a webhook is told of any change of images, and so has to know when the history of a list is broken. */
export function wantsImages({ events }: Pick<WebhookInterest, 'events'>): boolean {
  return IMAGE_EVENTS.some((event) => events.includes(event));
}

/** Whether a user's space concerns a webhook. */
export function concerns({ users }: Pick<WebhookInterest, 'users'>, user: string): boolean {
  return users === null || users.includes(user);
}
