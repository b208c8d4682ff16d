import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';
import type { DeliveryResult } from '../domain/model/measurements.js';
import type { Clock } from '../domain/ports/clock.js';
import type { WebhookStore, WebhookTask } from '../domain/ports/webhook-store.js';
import { afterFailure, type Delivery, isTaken } from '../domain/webhooks/retry.js';
import type { WebhookSettings } from '../domain/webhooks/webhook.js';
import { bodyOf } from './message-body.js';
import { createReadyQueue, type Turn } from './ready-queue.js';
import { type SignedHeaders, sign } from './signature.js';

/** Sends a signed message; never rejects but with the reason of an aborted signal. */
export type SendMessage = (
  hook: WebhookSettings,
  message: { readonly headers: SignedHeaders; readonly body: string },
  signal: AbortSignal,
) => Promise<Delivery>;

/** The delivery of messages to webhooks, which follows what is committed. */
export interface Deliveries {
  /** Continues with these webhooks. */
  follow(hooks: readonly WebhookSettings[]): Promise<void>;
  /** Looks for news of a space soon: something of it was committed. */
  wake(spaceId: number): void;
  /** Ends what is being sent, which is sent again after the next start. */
  stop(): Promise<void>;
}

export interface DeliveryDeps {
  readonly store: Omit<WebhookStore, 'overview' | 'retry' | 'totals'>;
  readonly send: SendMessage;
  /** Changes with every write to the index, also by other processes. */
  readonly stamp: () => number;
  /** A hash of a webhook's address. */
  readonly targetOf: (hook: WebhookSettings) => string;
  readonly newId: () => string;
  /** Reads and notes how many messages were begun, beside the index. */
  readonly begun: { read(): number; note(number: number): void };
  readonly onResult?: (name: string, result: DeliveryResult) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Messages on their way at once: a receiver that is slow costs no more than these connections. */
const AT_ONCE = 4;
/** A crawl commits dozens of times a second: what comes together is told together. */
const GATHER_MS = 50;
/** How often news of other processes are looked for, and retries that commands have asked for. */
const LOOK_EVERY_MS = 5_000;
/**
 * Looks for what is tried again take at most a twentieth of the time: each goes through all spaces, and of 100,000 that a
 * receiver has refused one is due every few milliseconds.
 */
const RESTS_PER_LOOK = 19;

/** Starts the delivery. Nothing is looked for before `follow`. */
export function startDeliveries(deps: DeliveryDeps): Deliveries {
  const { store, clock, logger } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const ready = createReadyQueue(AT_ONCE);
  const running = new Set<Promise<void>>();
  let hooks: ReadonlyMap<string, WebhookSettings> = new Map();
  const woken = new Set<number>();
  let gathering: NodeJS.Timeout | undefined;
  let retrying: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;
  let restsUntil = 0;
  let lastStamp: number | null = null;
  let looking: Promise<void> = Promise.resolve();
  /** Whether the log has it that they could not be looked for; a database may be away for long. */
  let isTold = false;

  const pump = () => {
    while (!signal.aborted) {
      const turn = ready.take();
      if (turn === null) return;
      const work = run(turn).finally(() => {
        running.delete(work);
        ready.end(turn);
        pump();
      });
      running.add(work);
    }
  };

  /** Tells one message; if there may be more, the space waits for its next turn. */
  const run = async (turn: Turn): Promise<void> => {
    try {
      if (await tell(turn)) ready.add(turn);
    } catch (error) {
      if (signal.aborted) return;
      // It is looked at again with the next look, as the stamp is forgotten.
      lastStamp = null;
      const isBusy = error instanceof OvadexError && error.code === 'index';
      logger[isBusy ? 'debug' : 'error']({ err: error, webhook: turn.hook }, 'a webhook could not be told');
    }
  };

  /** Returns whether there may be more to tell. */
  const tell = async ({ hook: name, spaceId }: Turn): Promise<boolean> => {
    const hook = hooks.get(name);
    if (hook === undefined) return false;
    const task = await store.next(hook, spaceId, clock(), deps.newId());
    // The event loop is shared with the crawl.
    if (task.kind === 'again') return await new Promise((resolve) => setImmediate(resolve, true));
    if (task.kind === 'idle') return false;
    deps.begun.note(task.number);
    const body = bodyOf(task);
    const headers = sign(hook.secret, task.pending.id, clock(), body);
    const delivery = await deps.send(hook, { headers, body }, signal);
    if (isTaken(delivery)) {
      await store.taken(name, spaceId, task.pending.id);
      deps.onResult?.(name, 'taken');
      return true;
    }
    await noteFailure(hook, spaceId, task, delivery);
    return false;
  };

  const noteFailure = async (
    hook: WebhookSettings,
    spaceId: number,
    { user, pending, tries: before }: Extract<WebhookTask, { kind: 'send' }>,
    delivery: Delivery,
  ) => {
    const tries = afterFailure(before, delivery, clock(), deps.random());
    await store.failed(hook.name, spaceId, pending.id, tries);
    deps.onResult?.(hook.name, tries.state === 'dead' ? 'dead' : 'failed');
    const facts = { webhook: hook.name, user, reason: tries.lastError };
    if (tries.state === 'dead') logger.error(facts, GIVEN_UP);
    else if (before.attempts === 0) logger.warn(facts, NOT_TAKEN);
    if (tries.nextAt !== null) lookAgainAt(tries.nextAt);
  };

  const lookAgainAt = (at: number) => {
    if (signal.aborted || (retrying !== null && retrying.at <= at)) return;
    clearTimeout(retrying?.timer);
    const timer = setTimeout(
      () => {
        retrying = null;
        look('all');
      },
      Math.max(0, Math.min(Math.max(at, restsUntil) - clock(), LONGEST_TIMER_MS)),
    );
    timer.unref();
    retrying = { at, timer };
  };

  /** Finds all spaces of which something is to be told. */
  const lookAround = async (how: 'all' | 'if written') => {
    if (signal.aborted) return;
    const stamp = deps.stamp();
    if (how === 'if written' && stamp === lastStamp) return;
    // Before it is looked: what fails meanwhile forgets it, which has to last.
    lastStamp = stamp;
    const startedAt = clock();
    const retries: number[] = [];
    for (const hook of hooks.values()) {
      let after = 0;
      for (;;) {
        const { spaces, nextAt } = await store.due(hook, clock(), after);
        for (const spaceId of spaces) ready.add({ hook: hook.name, spaceId });
        if (nextAt !== null) retries.push(nextAt);
        after = spaces.at(-1) ?? after;
        if (spaces.length === 0) break;
      }
    }
    restsUntil = clock() + Math.max(0, clock() - startedAt) * RESTS_PER_LOOK;
    for (const at of retries) lookAgainAt(at);
    pump();
  };
  const look = (how: 'all' | 'if written') => {
    looking = looking
      .then(() => lookAround(how))
      .then(
        () => {
          if (isTold) logger.info(LOOKING_AGAIN);
          isTold = false;
        },
        (error: unknown) => {
          lastStamp = null;
          if (signal.aborted || isTold) return;
          logger.warn({ err: error }, NOT_LOOKED);
          isTold = true;
        },
      );
    return looking;
  };
  const poll = setInterval(() => void look('if written'), LOOK_EVERY_MS);
  poll.unref();

  return {
    async follow(next) {
      hooks = new Map(next.map((hook) => [hook.name, hook]));
      ready.retain(new Set(hooks.keys()));
      await store.follow(next.map((hook) => Object.assign({ target: deps.targetOf(hook) }, hook)));
      await store.hasBegun(deps.begun.read());
      void look('all');
    },
    wake(spaceId) {
      woken.add(spaceId);
      gathering ??= setTimeout(() => {
        gathering = undefined;
        for (const hook of hooks.keys()) for (const id of woken) ready.add({ hook, spaceId: id });
        woken.clear();
        pump();
      }, GATHER_MS);
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      clearInterval(poll);
      clearTimeout(gathering);
      clearTimeout(retrying?.timer);
      await looking;
      await Promise.allSettled(running);
    },
  };
}

/** Node takes longer timers for the shortest. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const NOT_LOOKED = 'could not look for what webhooks are to be told; trying again';
const LOOKING_AGAIN = 'looking for what webhooks are to be told works again';
const NOT_TAKEN = 'a webhook did not take a message; it is tried again for five days';
const GIVEN_UP =
  'a webhook has been given up for this user; once its receiver works, "ovadex webhook retry" goes on where it was';
