import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Clock } from '../domain/ports/clock.js';
import type { TokenUse, TokenWriter } from '../domain/ports/token-store.js';

/** Notes when tokens were last used, to the minute. */
export interface TokenUses {
  /** Notes a use, at no noticeable cost to a request; never throws. */
  note(tokenId: number): void;
  /** Writes pending uses, within a second, and then notes no more. */
  stop(): Promise<void>;
}

/** A token's last use is written at most once in this time. */
const COARSENESS_MS = 60_000;
/** Uses of many tokens go into one commit. */
const GATHER_MS = 5_000;
/** Recording last uses isn't worth a longer stop. */
const STOP_WITHIN_MS = 1_000;
/** Tokens to remember, as many as in the cache of callers. As `maxSize`: by `max` memory for all would be allocated at once. */
const MAX_TOKENS = 10_000;

export function createTokenUses(deps: {
  readonly write: TokenWriter['noteUses'];
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}): TokenUses {
  const { write, clock, logger } = deps;
  const noted = new LRUCache<number, number>({ maxSize: MAX_TOKENS, sizeCalculation: () => 1 });
  let pending: TokenUse[] = [];
  let gathering: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let hasStopped = false;

  const flush = () => {
    clearTimeout(gathering);
    gathering = undefined;
    const uses = pending;
    pending = [];
    if (uses.length === 0) return;
    writing = write(uses).catch((err: unknown) => {
      logger.warn({ err, tokens: uses.length }, 'could not record when tokens were last used');
    });
  };

  return {
    note(id) {
      const now = clock();
      const last = noted.get(id);
      if (hasStopped || (last !== undefined && Math.abs(now - last) < COARSENESS_MS)) return;
      noted.set(id, now);
      pending.push({ id, at: now });
      gathering ??= setTimeout(flush, GATHER_MS).unref();
    },
    async stop() {
      hasStopped = true;
      flush();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_WITHIN_MS);
      });
      await Promise.race([writing, late]);
      clearTimeout(timer);
    },
  };
}
