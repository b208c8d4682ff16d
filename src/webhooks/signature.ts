import { createHmac } from 'node:crypto';

/** What a receiver checks: headers as Standard Webhooks (https://www.standardwebhooks.com) names them. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch. */
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** Signs a message with its id and the time of this try. */
export function sign(secret: Uint8Array, id: string, nowMs: number, body: string): SignedHeaders {
  const seconds = Math.floor(nowMs / 1_000);
  const digest = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`, 'utf8').digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${digest}` };
}
