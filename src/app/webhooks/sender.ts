import { type LookupAddress, type LookupAllOptions, lookup as lookupHost } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import {
  type ReceiverAnswer,
  type ReceiverTrouble,
  receiverTroubleOf,
} from '../../domain/diagnosis/diagnose-webhook.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Delivery } from '../../domain/webhooks/retry.js';
import type { WebhookSettings } from '../../domain/webhooks/webhook.js';
import { VERSION } from '../../platform/version.js';
import { createConnections } from '../../webdav/connections.js';
import { connectionFailure } from '../../webdav/failure/connection-failure.js';
import { retryAfterBy, retryAfterMs } from '../../webdav/failure/retry.js';
import { ConnectionError } from '../../webdav/transport/connection-error.js';
import { secretsOf } from '../../webdav/transport/secrets.js';
import { createTransport, deadlineIn } from '../../webdav/transport/transport.js';
import type { SendMessage } from '../../webhooks/deliveries.js';
import { isReachable, type Reach, reachOf } from '../../webhooks/reachable-address.js';
import { sign } from '../../webhooks/signature.js';

/** Time for an answer to its end: a receiver stores the message and works on it later. */
const ANSWER_MS = 10_000;
/** Messages to a receiver at once; see the limit of all. */
const PER_HOST = 4;
/** Anything longer is cut by the time that a message is tried at all. */
const LONGEST_RETRY_AFTER_MS = 6 * 86_400_000;

/** Finds the addresses of a name, as `dns.lookup` does. */
export type ResolveHost = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What sends messages, with connections of its own. */
export interface WebhookSender {
  readonly send: SendMessage;
  /** Signs and sends a message of its own. */
  test(hook: WebhookSettings, id: string, now: number, body: string): Promise<Delivery>;
  /** Asks for the receiver's head, which tells it nothing. */
  probe(hook: WebhookSettings, signal: AbortSignal): Promise<ReceiverAnswer>;
  /** Closes the connections to other webhooks than these. */
  retain(hooks: readonly WebhookSettings[]): void;
  close(): Promise<void>;
}

/**
 * Creates the sender. It follows no redirect, reads no more than 64 KiB of an answer, and connects to the very address
 * that it has checked; behind a proxy, which finds that address itself, the proxy's rules hold.
 */
export function createWebhookSender({
  clock = Date.now,
  resolve = lookupHost,
}: {
  readonly clock?: Clock;
  readonly resolve?: ResolveHost;
} = {}): WebhookSender {
  const reaches: readonly Reach[] = ['any', 'loopback', 'public'];
  const limits = { connectMs: ANSWER_MS, perHost: PER_HOST };
  const connections = new Map(
    reaches.map((reach) => [reach, createConnections({ ...limits, lookup: checkedLookup(reach, resolve) })] as const),
  );
  const timeouts = { firstByteMs: ANSWER_MS, silenceMs: ANSWER_MS, totalMs: ANSWER_MS };

  const exchange = async (
    hook: WebhookSettings,
    { method, headers: more, body }: { method: string; headers: Readonly<Record<string, string>>; body: string },
    signal: AbortSignal,
  ): Promise<Exchanged> => {
    const { origin, pathname, search, hostname } = new URL(hook.url);
    const { tls = null, proxy = null, headers = {} } = hook.connection ?? {};
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const reach = reachOf(hook);
    const host = hostname.replace(/^\[|\]$/g, '');
    if (proxy === null && isIP(host) !== 0 && !isReachable(host, reach)) {
      return { kind: 'failed', reason: refusal(host, host, reach), trouble: 'private' };
    }
    const secrets = [
      Buffer.from(hook.secret).toString('utf8'),
      Buffer.from(hook.secret).toString('base64'),
      ...secretsOf({ auth: { type: 'none' }, headers, proxy }),
    ];
    const dispatcher = connections.get(reach)?.of({ tls, proxy });
    if (dispatcher === undefined) throw new Error(`no connections for ${reach}`);
    try {
      const answer = await createTransport(
        dispatcher,
        origin,
        timeouts,
        secrets,
      )(
        {
          method,
          path: pathname + search,
          headers: { 'user-agent': `ovadex/${VERSION}`, ...own, ...more },
          body,
          deadline: deadlineIn(ANSWER_MS),
          readerOf: () => null,
        },
        signal,
      );
      const retryAfter = retryAfterMs(
        retryAfterBy(answer.headers.get('retry-after'), answer.headers.get('date')),
        clock(),
        LONGEST_RETRY_AFTER_MS,
      );
      return { kind: 'answered', status: answer.status, retryAfterMs: retryAfter };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'failed', reason: connectionFailure(error, 'head').detail, trouble: troubleOf(error) };
    }
  };
  const send: SendMessage = async (hook, { headers: signed, body }, signal) => {
    const headers = { 'content-type': 'application/json', ...signed };
    const exchanged = await exchange(hook, { method: 'POST', headers, body }, signal);
    return exchanged.kind === 'answered' ? exchanged : { kind: 'failed', reason: exchanged.reason };
  };

  return {
    send,
    test: (hook, id, now, body) =>
      send(hook, { headers: sign(hook.secret, id, now, body), body }, new AbortController().signal),
    async probe(hook, signal) {
      const exchanged = await exchange(hook, { method: 'HEAD', headers: {}, body: '' }, signal);
      if (exchanged.kind === 'answered') return { kind: 'answered', status: exchanged.status };
      return { kind: exchanged.trouble, detail: exchanged.reason };
    },
    retain(hooks) {
      const settings = hooks.map(({ connection }) => ({
        tls: connection?.tls ?? null,
        proxy: connection?.proxy ?? null,
      }));
      for (const each of connections.values()) each.retain(settings);
    },
    async close() {
      await Promise.all([...connections.values()].map((each) => each.close()));
    },
  };
}

type Exchanged =
  | Extract<Delivery, { kind: 'answered' }>
  | (Extract<Delivery, { kind: 'failed' }> & { readonly trouble: ReceiverTrouble });

function troubleOf(error: unknown): ReceiverTrouble {
  const reason = error instanceof ConnectionError ? error.reason : null;
  const code = reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : null;
  return code === REFUSED ? 'private' : receiverTroubleOf(code);
}

/** The code of an address that is not allowed. */
const REFUSED = 'ERR_PRIVATE_ADDRESS';

/** Resolves a name, and refuses it if any of its addresses must not be connected to. */
function checkedLookup(reach: Reach, resolve: ResolveHost): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const refused = addresses.find(({ address }) => !isReachable(address, reach));
      const [first] = addresses;
      if (refused !== undefined || first === undefined) {
        const reason = refusal(hostname, refused?.address ?? 'no address', reach);
        return callback(Object.assign(new Error(reason), { code: REFUSED }), '');
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(host: string, address: string, reach: Reach): string {
  const where = host === address ? host : `${host} is ${address}, which`;
  if (reach === 'loopback') return `${where} is not an address of this machine, but its url says so`;
  return `${where} is in a private network; "allowPrivate: true" of this webhook allows that`;
}
