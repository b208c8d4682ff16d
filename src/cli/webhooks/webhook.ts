import { randomUUID } from 'node:crypto';
import type { Index } from '../../app/open-index.js';
import type { WebhookSender } from '../../app/webhooks/sender.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { WebhookOverview } from '../../domain/ports/webhook-store.js';
import { counted } from '../../domain/text/counted.js';
import { quote } from '../../domain/text/quote.js';
import { isTaken } from '../../domain/webhooks/retry.js';
import type { WebhookSettings } from '../../domain/webhooks/webhook.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { webhookToJson } from '../../wire/webhook.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatTime, renderTable } from '../terminal/table.js';

export interface WebhookOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface WebhookDeps {
  readonly open: (
    config: Config,
    options?: { readonly readonly: boolean },
  ) => Promise<Pick<Index, 'webhooks' | 'close'>>;
  readonly audit: CommandAudit;
  readonly clock: Clock;
}

export interface WebhookTestDeps {
  readonly makeSender: () => Pick<WebhookSender, 'test' | 'close'>;
  readonly clock: Clock;
}

/** `ovadex webhook list`: lists webhooks, of how many spaces they know everything, and what keeps them. */
export async function listWebhooks(options: WebhookOptions, io: Io, { open }: WebhookDeps): Promise<number> {
  const config = await loadConfig(options.config);
  const index = await open(config, { readonly: true });
  try {
    const overviews = await index.webhooks.overview(config.webhooks);
    if (options.json === true) writeJson(io.stdout, { webhooks: overviews.map(webhookToJson) });
    else if (overviews.length === 0) writeLines(io.stderr, 'no webhook is configured');
    else writeLines(io.stdout, renderTable(COLUMNS, overviews));
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex webhook test`: sends one message that tells nothing; ends with 69 if it is not taken. */
export async function testWebhook(
  options: WebhookOptions & { readonly name: string },
  io: Io,
  { makeSender, clock }: WebhookTestDeps,
): Promise<number> {
  const hook = find(await loadConfig(options.config), options.name);
  const sender = makeSender();
  try {
    const now = clock();
    const body = JSON.stringify({ type: 'webhook.test', timestamp: timestampInSeconds(now), data: {} });
    const delivery = await sender.test(hook, `msg_${randomUUID()}`, now, body);
    const reason = delivery.kind === 'failed' ? delivery.reason : `it answered ${delivery.status}`;
    if (options.json === true) writeJson(io.stdout, { name: hook.name, taken: isTaken(delivery), message: reason });
    else {
      const what = isTaken(delivery) ? 'took the test message' : 'did not take the test message';
      writeLines(io.stderr, `"${hook.name}" ${what}: ${printable(reason)}`);
    }
    return isTaken(delivery) ? EXIT.ok : EXIT.storage;
  } finally {
    await sender.close();
  }
}

/** `ovadex webhook retry`: sends at once what waits or has been given up; a running daemon notices within seconds. */
export async function retryWebhook(
  options: WebhookOptions & { readonly name: string; readonly user?: string },
  io: Io,
  { open, audit }: WebhookDeps,
): Promise<number> {
  const { name, user = null } = options;
  const config = await loadConfig(options.config);
  find(config, name);
  const index = await open(config);
  try {
    const spaces = await index.webhooks.retry(name, user);
    await audit(config, io, 'webhook retry', { name, user, spaces });
    if (options.json === true) writeJson(io.stdout, { name, spaces });
    else if (spaces === 0) writeLines(io.stderr, `"${name}" waits for nothing${user === null ? '' : ' of this user'}`);
    else writeLines(io.stderr, `"${name}" is told at once what it has missed of ${counted(spaces, 'space')}`);
    return EXIT.ok;
  } catch (error) {
    await audit(config, io, 'webhook retry', { name, user }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

function find({ webhooks }: Config, name: string): WebhookSettings {
  const hook = webhooks.find((each) => each.name === name);
  if (hook !== undefined) return hook;
  const names = webhooks.map((each) => each.name).join(', ') || 'none';
  throw new OvadexError('not-found', `there is no webhook ${quote(name)}; configured: ${names}`);
}

const oldest = ({ behind }: WebhookOverview) => {
  const times = behind.flatMap(({ since }) => since ?? []);
  return times.length === 0 ? null : Math.min(...times);
};

const COLUMNS: readonly Column<WebhookOverview>[] = [
  { head: 'WEBHOOK', value: ({ name }) => name },
  { head: 'SPACES', value: ({ spaces }) => String(spaces) },
  { head: 'BEHIND', value: ({ behind }) => String(behind.length) },
  { head: 'GIVEN UP', value: ({ behind }) => String(behind.filter(({ tries }) => tries.state === 'dead').length) },
  { head: 'WAITING SINCE', value: (overview) => formatTime(oldest(overview)) ?? '-' },
  { head: 'LAST ERROR', value: ({ behind }) => behind.find(({ tries }) => tries.lastError)?.tries.lastError ?? '-' },
];
