import type { WebhookStore } from '../../domain/ports/webhook-store.js';
import type { Database } from '../connection/database.js';

export function createWebhookStore(_db: Database): WebhookStore {
  throw new Error('not written yet');
}
