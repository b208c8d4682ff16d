import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { CollectionCommit, CommitCounts } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import type { OpenFile } from './open-file.js';

/** A commit with all that the thread needs for it. */
export interface CommitApart {
  readonly to: OpenFile;
  /** The time by which it is dated; null: the host's, when it is written. */
  readonly now: number | null;
  readonly lease: Lease;
  readonly commits: readonly CollectionCommit[];
}

/** What the thread is told: to commit, or to close the file. */
export type Told = CommitApart | { readonly leave: string };

/** Its answer to each: to a file that it has closed, counts of nothing. */
export type Answer =
  | { readonly counts: CommitCounts }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

/** What writes commits beside whoever has them written, and does one thing at a time. */
export interface WritingThread {
  /**
   * Commits, dated by `clock`. Rejects with the thread's OvadexError, and with `ThreadEnded` if it gives no answer: all of the
   * commit is written then, or nothing. What comes next starts another thread.
   */
  commit(commit: Omit<CommitApart, 'now'>, clock: Clock): Promise<CommitCounts>;
  /** Closes a file, after all that the thread was told before; resolves once nothing has it open there. */
  leave(file: string): Promise<void>;
}

/** The thread has ended without an answer, or could not begin. */
export class ThreadEnded extends OvadexError {
  constructor(options?: ErrorOptions) {
    super('internal', 'the thread that commits has ended without an answer', options);
  }
}

/** Crawls come in rounds, minutes apart: a thread that waits for the next one holds some 15 MB meanwhile. */
const IDLE_MS = 20_000;

/** Creates a thread that begins once it is needed, and ends when nothing has been told for `idleMs`. */
export function createWritingThread(begin: () => Worker, idleMs: number = IDLE_MS): WritingThread {
  // So answers need no numbers.
  const inTurn = pLimit(1);
  let thread: Worker | null = null;
  let ending: NodeJS.Timeout | undefined;

  /** Settles once no thread is left that was told to end. */
  let gone: Promise<unknown> = Promise.resolve();

  const start = () => {
    const worker = begin();
    const forget = () => {
      if (thread === worker) thread = null;
    };
    // Whoever waits for an answer is told by `once`.
    worker.on('error', forget);
    worker.on('exit', forget);
    gone = new Promise((resolve) => worker.once('exit', resolve));
    return worker;
  };
  const end = () => {
    // Whoever waits for its end needs a process that does.
    thread?.ref();
    thread?.postMessage(null);
    thread = null;
  };

  const tell = async (told: Told): Promise<CommitCounts> => {
    clearTimeout(ending);
    const worker = thread ?? start();
    thread = worker;
    // Otherwise the process may end before it.
    worker.ref();
    try {
      worker.postMessage(told);
      const answer = await answerOf(worker);
      if ('refused' in answer) throw new OvadexError(answer.refused.code, answer.refused.message);
      return answer.counts;
    } finally {
      worker.unref();
      ending = setTimeout(end, idleMs).unref();
    }
  };

  return {
    commit: (commit, clock) =>
      inTurn(async () => {
        try {
          return await tell({ ...commit, now: clock === Date.now ? null : clock() });
        } catch (error) {
          throw error instanceof OvadexError ? error : new ThreadEnded({ cause: error });
        }
      }),
    leave: (file) =>
      inTurn(async () => {
        if (thread === null) await gone;
        else await tell({ leave: file });
      }),
  };
}

async function answerOf(worker: Worker): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const [answer] = (await Promise.race([once(worker, 'message', { signal }), endOf(worker, signal)])) as [Answer];
    return answer;
  } finally {
    over.abort();
  }
}

async function endOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, 'exit', { signal });
  throw new ThreadEnded();
}
