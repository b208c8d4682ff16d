import type { Index } from '../app/open-index.js';
import { createWebhookSender } from '../app/webhooks/sender.js';
import type { Config } from '../config/schema.js';
import { diagnoseReceiver, diagnoseStanding } from '../domain/diagnosis/diagnose-webhook.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import { concerns } from '../domain/webhooks/webhook.js';

/**
 * Asks the receivers of the webhooks that concern these users, null for all, by a request that tells them nothing, and
 * looks at what they have not been told. `index` is null if there is none.
 */
export async function examineWebhooks(
  { webhooks }: Pick<Config, 'webhooks'>,
  index: Pick<Index, 'webhooks'> | null,
  { users, signal }: { readonly users: readonly string[] | null; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const hooks = webhooks.filter((hook) => users === null || users.some((user) => concerns(hook, user)));
  if (hooks.length === 0) return [];
  const sender = createWebhookSender();
  try {
    const asked = await Promise.all(
      hooks.map(async (hook) => diagnoseReceiver(hook.name, await sender.probe(hook, signal))),
    );
    const overviews = (await index?.webhooks.overview(hooks)) ?? [];
    const its = overviews.map((overview) => {
      const behind = overview.behind.filter(({ user }) => users === null || users.includes(user));
      return Object.assign({}, overview, { behind });
    });
    return [...asked, ...its.flatMap((overview) => diagnoseStanding(overview, Date.now()))];
  } finally {
    await sender.close();
  }
}
