import type { Logger } from 'pino';
import { PassingTrouble } from '../domain/model/errors.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { Sleep } from '../domain/ports/clock.js';
import type { ClaimedSync, SyncLog } from '../domain/ports/sync-log.js';
import { type HintedCollections, noteHinted } from './hints/hint-follower.js';
import { tellOnce } from './news/tell-once.js';
import type { RunningSync } from './sync/sync-space.js';
import type { SyncNews } from './sync-news.js';
import { settleSync } from './sync-run.js';

export interface SyncQueue {
  /** Looks for work now instead of at the next turn. */
  wake(): void;
  /** Whether a sync of this space runs here. */
  isRunning(spaceId: number): boolean;
  /** Hands a hint to a running sync of this space, and files it if that is given up; false if there is none. */
  revisit(spaceId: number, collections: readonly ResourcePath[]): boolean;
  /** Ends the runs of these spaces at a commit; they are claimed anew and resumed. */
  interrupt(spaceIds: Iterable<number>): void;
  /** Claims nothing more, ends the runs at a commit, and gives their leases back. */
  stop(): Promise<void>;
}

/**
 * How long a turn without work lasts. Requests filed by this process wake the queue; this is for those of other
 * processes and for expired leases.
 */
const TURN_MS = 1_000;

/**
 * Runs the waiting syncs of the log, at most `spacesAtOnce` at a time and one per space. Those of silent storages have
 * as many places of their own: however many spaces are on a host that hangs, the others go on.
 */
export function startSyncQueue(deps: {
  readonly log: SyncLog;
  readonly run: (claimed: ClaimedSync, signal: AbortSignal) => RunningSync;
  readonly spacesAtOnce: number;
  readonly onEnded?: (user: string, spaceId: number) => void;
  /** Whether the storage of a space was asked and is silent. */
  readonly isSilent: (spaceId: number) => boolean;
  /** Returns all spaces of which that is so. */
  readonly silentSpaces: () => readonly number[];
  /** Returns the spaces for which no sync is begun at present. */
  readonly waitingSpaces?: () => readonly number[];
  /** Receives how syncs end; if not given, each is logged. */
  readonly news?: SyncNews;
  readonly owner: string;
  readonly leaseMs: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
}): SyncQueue {
  const { log, logger } = deps;
  const stopping = new AbortController();
  const setbacks = new Map<number, number>();
  const runs = new Map<number, RunningSync>();
  const endings = new Map<number, Promise<void>>();
  const interruptions = new Map<number, AbortController>();
  /** What hints have named to the runs that go on. */
  const handedOver: HintedCollections = new Map();
  /** What they had named to those that were given up. */
  const unfiled: HintedCollections = new Map();
  let claiming: Promise<void> | null = null;
  let isWokenMeanwhile = false;
  /** A claim that failed may have taken leases all the same, if only its answer was lost. */
  let areLeasesKnown = true;
  const trouble = tellOnce(logger, {
    begun: 'could not look for waiting syncs; trying again',
    over: 'looking for waiting syncs works again',
  });

  const claimAll = async () => {
    do {
      isWokenMeanwhile = false;
      await fileHints();
      while (!stopping.signal.aborted) {
        const running = [...endings.keys()];
        const waitingInVain = running.filter(deps.isSilent).length;
        const free = deps.spacesAtOnce - (running.length - waitingInVain);
        if (free <= 0) break;
        const freeOfSilent = deps.spacesAtOnce - waitingInVain;
        const left = [...running, ...(deps.waitingSpaces?.() ?? [])];
        const skip = [...new Set(freeOfSilent > 0 ? left : [...left, ...deps.silentSpaces()])];
        // Nobody knows beforehand whose storages are silent.
        const atMost = freeOfSilent > 0 ? Math.min(free, freeOfSilent) : free;
        if (!areLeasesKnown) await log.releaseUnknown(deps.owner, running);
        areLeasesKnown = false;
        const claimed = await log.claimUpTo(atMost, { owner: deps.owner, leaseMs: deps.leaseMs, skip });
        areLeasesKnown = true;
        if (claimed.length === 0) break;
        for (const each of claimed) endings.set(each.sync.spaceId, runToEnd(each));
      }
    } while (isWokenMeanwhile);
  };

  const wake = () => {
    isWokenMeanwhile = true;
    claiming ??= claimAll()
      .then(trouble.over, (error: unknown) => trouble.note(error))
      .finally(() => {
        claiming = null;
      });
  };

  const runToEnd = async (claimed: ClaimedSync) => {
    const { spaceId, id, user } = claimed.sync;
    let isGivenUp = false;
    const start = () => {
      // One of its own: a signal that lives as long as the daemon would keep something of each run.
      const interruption = new AbortController();
      interruptions.set(spaceId, interruption);
      if (stopping.signal.aborted) interruption.abort();
      const running = deps.run(claimed, interruption.signal);
      runs.set(spaceId, running);
      const outcome = running.outcome.then(
        (ended) => {
          isGivenUp = ended === null;
          return ended;
        },
        (error: unknown) => {
          isGivenUp = true;
          throw error;
        },
      );
      return { ...running, outcome };
    };
    const settling = { ...deps, signal: stopping.signal, setbacks };
    await settleSync(claimed, start, settling).catch((error: unknown) =>
      logger.error({ err: error, sync: id }, 'could not record the end of a sync'),
    );
    runs.delete(spaceId);
    interruptions.delete(spaceId);
    if (isGivenUp) noteHinted(unfiled, spaceId, handedOver.get(spaceId) ?? []);
    handedOver.delete(spaceId);
    endings.delete(spaceId);
    deps.onEnded?.(user, spaceId);
    wake();
  };

  /**
   * Files what hints had named to runs that were given up: whoever resumes them passes by what they had listed, and knows of
   * no hint that came later. Throws PassingTrouble; what could not be filed so far is at the next call.
   */
  const fileHints = async () => {
    for (const [spaceId, targets] of unfiled) {
      unfiled.delete(spaceId);
      try {
        await log.request({ spaceId, mode: 'hint', trigger: 'hint', requestedBy: null, targets: [...targets] });
      } catch (error) {
        if (error instanceof PassingTrouble) {
          noteHinted(unfiled, spaceId, targets);
          throw error;
        }
        logger.warn({ err: error }, 'could not file anew what hints had named to a sync');
      }
    }
  };

  const turn = setInterval(wake, TURN_MS);
  wake();
  return {
    wake,
    isRunning: (spaceId) => endings.has(spaceId),
    revisit(spaceId, collections) {
      const isTaken = runs.get(spaceId)?.revisit(collections) ?? false;
      if (isTaken) noteHinted(handedOver, spaceId, collections);
      return isTaken;
    },
    interrupt(spaceIds) {
      for (const spaceId of spaceIds) interruptions.get(spaceId)?.abort();
    },
    async stop() {
      clearInterval(turn);
      stopping.abort();
      for (const interruption of interruptions.values()) interruption.abort();
      await claiming;
      await Promise.all(endings.values());
      // Each end looked for work once more, and filed the hints that it was left with.
      await claiming;
    },
  };
}
