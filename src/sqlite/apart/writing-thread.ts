import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';
import type { CollectionCommit, CommitCounts } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import type { OpenFile } from './open-file.js';

/** A commit with all that the thread needs for it. */
export interface CommitApart {
  readonly to: OpenFile;
  readonly now: number;
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
   * Commits. Rejects with the thread's OvadexError, and with `internal` if it ends without an answer: all of the commit is
   * written then, or nothing. What comes next starts another thread.
   */
  commit(commit: CommitApart): Promise<CommitCounts>;
  /** Closes a file, after all that the thread was told before. */
  leave(file: string): Promise<void>;
}

/** Crawls come in rounds, minutes apart: a thread that waits for the next one holds some 15 MB meanwhile. */
const IDLE_MS = 20_000;

/** Creates a thread that begins once it is needed, and ends when nothing has been told for `idleMs`. */
export function createWritingThread(begin: () => Worker, idleMs: number = IDLE_MS): WritingThread {
  // So answers need no numbers.
  const inTurn = pLimit(1);
  let thread: Worker | null = null;
  let ending: NodeJS.Timeout | undefined;

  const start = () => {
    const worker = begin();
    const forget = () => {
      if (thread === worker) thread = null;
    };
    // Whoever waits for an answer is told by `once`.
    worker.on('error', forget);
    worker.on('exit', forget);
    return worker;
  };
  const end = () => {
    thread?.postMessage(null);
    thread = null;
  };

  const tell = async (told: Told): Promise<CommitCounts> => {
    clearTimeout(ending);
    thread ??= start();
    const worker = thread;
    const over = new AbortController();
    const { signal } = over;
    // Otherwise the process may end before it.
    worker.ref();
    try {
      worker.postMessage(told);
      const [answer] = (await Promise.race([once(worker, 'message', { signal }), endOf(worker, signal)])) as [Answer];
      if ('refused' in answer) throw new OvadexError(answer.refused.code, answer.refused.message);
      return answer.counts;
    } finally {
      over.abort();
      worker.unref();
      ending = setTimeout(end, idleMs).unref();
    }
  };

  return {
    commit: (commit) => inTurn(() => tell(commit)),
    leave: (file) =>
      inTurn(async () => {
        if (thread !== null) await tell({ leave: file });
      }),
  };
}

/** What a commit leaves behind is collected more often than by default, which takes 40 MB less and no more time. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

/** The one of this process. */
export const writingThread = createWritingThread(
  () => new Worker(new URL('./commit-thread.js', import.meta.url), { resourceLimits }),
);

async function endOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, 'exit', { signal });
  throw new OvadexError('internal', 'the thread that commits has ended unexpectedly');
}
