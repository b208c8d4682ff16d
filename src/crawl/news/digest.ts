import type { Logger } from 'pino';

/** News of one kind: logged one by one while they are few, and summed up beyond that. */
export interface News {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
  /** The name listed in a sum: a user or a host. */
  readonly name: string;
}

export interface Digest {
  /**
   * Logs news or counts it. `kind` is what is counted together; the last message stands for those that are summed up.
   */
  tell(kind: string, news: News): void;
  /** Logs the sums now, and none after that. */
  stop(): void;
}

/** Lines per hour of each kind: a person can read these, and five kinds at once leave room for others in a journal. */
const PER_HOUR = 20;
const HOUR_MS = 3_600_000;
const SUM_EVERY_MS = 900_000;
/** Number of names in a sum, enough to know where to look; `ovadex spaces` has them all. */
const NAMED = 20;

interface Kind {
  left: number;
  filledAt: number;
  omitted: { count: number; names: Set<string>; last: News } | null;
}

export function createDigest({
  logger,
  perHour = PER_HOUR,
  sumEveryMs = SUM_EVERY_MS,
  steadyClock = () => performance.now(),
}: {
  readonly logger: Logger;
  readonly perHour?: number;
  readonly sumEveryMs?: number;
  readonly steadyClock?: () => number;
}): Digest {
  const kinds = new Map<string, Kind>();

  const hasRoom = (kind: Kind): boolean => {
    const now = steadyClock();
    kind.left = Math.min(perHour, kind.left + ((now - kind.filledAt) * perHour) / HOUR_MS);
    kind.filledAt = now;
    if (kind.left < 1) return false;
    kind.left -= 1;
    return true;
  };
  const sumUp = () => {
    for (const kind of kinds.values()) {
      const { omitted } = kind;
      if (omitted === null) continue;
      kind.omitted = null;
      const { count, names, last } = omitted;
      logger[last.level]({ more: count, names: [...names] }, `${last.message} (${count} more lines like this one)`);
    }
  };
  const timer = setInterval(sumUp, sumEveryMs);
  timer.unref();

  return {
    tell(name, news) {
      const kind = kinds.get(name) ?? { left: perHour, filledAt: steadyClock(), omitted: null };
      kinds.set(name, kind);
      if (kind.omitted === null && hasRoom(kind)) return logger[news.level](news.facts, news.message);
      kind.omitted ??= { count: 0, names: new Set(), last: news };
      kind.omitted.count += 1;
      kind.omitted.last = news;
      if (kind.omitted.names.size < NAMED) kind.omitted.names.add(news.name);
    },
    stop() {
      clearInterval(timer);
      sumUp();
    },
  };
}
