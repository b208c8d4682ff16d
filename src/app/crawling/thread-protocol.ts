import type { MessagePort, Worker } from 'node:worker_threads';
import type { ForgetUser } from '../../domain/model/audit.js';
import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';
import type { CrawlMeasurements } from '../../domain/model/measurements.js';
import type { NewToken, TokenRecord } from '../../domain/model/token.js';
import type { Crawler } from '../../domain/ports/crawler.js';
import type { Links } from '../../domain/ports/links.js';
import type { TokenUse } from '../../domain/ports/token-store.js';

/** Calls that the crawler thread accepts from outside. */
export interface CrawlerThread<Settings> extends Crawler, Links {
  /** Resolves once the configured spaces are registered. */
  ready(): Promise<void>;
  /** Resolves if the thread answers and can write to the index; rejects otherwise. */
  check(): Promise<void>;
  forget: ForgetUser;
  /** `TokenStore.recordLogIn` with a single argument, as calls have here. */
  recordLogIn(token: NewToken & { readonly logInSpace: number }): Promise<TokenRecord | null>;
  /** `TokenStore.createOwn`. */
  createOwnToken(token: NewToken): Promise<TokenRecord | null>;
  setTokenDisabled(change: { user: string; id: number; at: number | null }): Promise<TokenRecord | null>;
  endToken(change: { user: string; id: number; at: number }): Promise<boolean>;
  noteTokenUses(uses: readonly TokenUse[]): Promise<void>;
  /** Reads the counters, and the totals of the index. */
  measure(): Promise<CrawlMeasurements>;
  /** Switches to other settings; running syncs end at a commit and are resumed. */
  reload(settings: Settings): Promise<void>;
  stop(): Promise<void>;
}

type Method = keyof CrawlerThread<unknown>;

interface Call {
  readonly id: number;
  readonly method: Method;
  readonly argument: unknown;
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Answers calls that come through the port; used inside the thread. */
export function serveCrawler<Settings>(port: MessagePort, crawler: CrawlerThread<Settings>): void {
  const methods = crawler as Record<Method, (argument: never) => Promise<unknown>>;
  port.on('message', ({ id, method, argument }: Call) => {
    methods[method](argument as never).then(
      (value) => port.postMessage({ id, value } satisfies Answer),
      (error: unknown) => port.postMessage({ id, error: errorToSend(error) } satisfies Answer),
    );
  });
}

/**
 * Connects to the thread from outside: each call is a message. A call rejects with the thread's OvadexError, and with
 * `internal` once the thread has ended, even if it is made later: a message to a thread that is gone is lost silently.
 */
export function connectCrawler<Settings>(worker: Worker): CrawlerThread<Settings> {
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let end: Error | null = null;

  worker.on('message', (answer: Answer) => {
    const call = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) call?.reject(new OvadexError(answer.error.code, answer.error.message));
    else call?.resolve(answer.value as never);
  });
  const rejectAll = (error: Error) => {
    end ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('error', (error: unknown) => rejectAll(endedUnexpectedly(error)));
  worker.on('exit', (code) => rejectAll(endedUnexpectedly(null, code)));

  const call = <T>(method: Method, argument?: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      if (end !== null) return reject(end);
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      worker.postMessage({ id: lastId, method, argument } satisfies Call);
    });

  return {
    ready: () => call('ready'),
    check: () => call('check'),
    forget: (user) => call('forget', user),
    measure: () => call('measure'),
    recordLogIn: (token) => call('recordLogIn', token),
    createOwnToken: (token) => call('createOwnToken', token),
    setTokenDisabled: (change) => call('setTokenDisabled', change),
    endToken: (change) => call('endToken', change),
    noteTokenUses: (uses) => call('noteTokenUses', uses),
    startLink: (wanted) => call('startLink', wanted),
    keepPassword: (account) => call('keepPassword', account),
    linkStanding: (user) => call('linkStanding', user),
    endLink: (user) => call('endLink', user),
    requestSync: (request) => call('requestSync', request),
    acceptRemovals: (spaceId) => call('acceptRemovals', spaceId),
    refuseRemovals: (spaceId) => call('refuseRemovals', spaceId),
    resume: (spaceId) => call('resume', spaceId),
    loggedIn: (user) => call('loggedIn', user),
    cancel: (syncId) => call('cancel', syncId),
    hint: (hints) => call('hint', hints),
    reload: (settings) => call('reload', settings),
    stop: () => call('stop'),
  };
}

/** The error for a thread that is gone: its uncaught error if known, or else its exit code. */
export function endedUnexpectedly(error: unknown, exitCode = 0): OvadexError {
  const reason = error === null ? `exit code ${exitCode}` : error instanceof Error ? error.message : String(error);
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const remedy = isMemory ? '; allow it more memory with NODE_OPTIONS=--max-old-space-size=MIB' : '';
  return new OvadexError('internal', `the crawler has ended unexpectedly: ${reason}${remedy}`, { cause: error });
}

function errorToSend(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof OvadexError) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
