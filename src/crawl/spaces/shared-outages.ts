import type { Logger } from 'pino';
import type { ToldOutage } from '../../domain/hosts/told-outage.js';
import type { Sleep } from '../../domain/ports/clock.js';
import type { LastingOutage, StorageOutages } from '../../domain/ports/storage-places.js';
import { tellOnce } from '../news/tell-once.js';
import { createTurns } from './turns.js';

/** Tells the other crawlers of an index of outages, and hears of theirs. */
export interface SharedOutages {
  /** Settles once it was first heard what the others tell, or that couldn't be found out. */
  readonly first: Promise<void>;
  /** Tells the others; goes on until it is over. */
  tell(outage: Omit<ToldOutage, 'owner'>): void;
  /** Tells no longer what this crawler has met there. */
  forget(storage: string): void;
  /** The storage is out of order for somebody else, and has answered here at `answeredAt`; said from time to time. */
  contradict(storage: string, answeredAt: number): void;
  /** The storage answers here. */
  end(storage: string): void;
  /** Withdraws all that was told. */
  stop(): Promise<void>;
}

export type HeardOutage = Omit<LastingOutage, 'leftMs'>;

export interface SharedOutagesDeps {
  readonly port: StorageOutages;
  /** Names this process, and nothing that was before it. */
  readonly owner: string;
  /** Called again and again with all that is told, what this crawler tells included. */
  readonly onHeard: (told: readonly HeardOutage[]) => void;
  readonly steadyClock?: () => number;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** Half of the second within which all crawlers know. */
const HEARD_EVERY_MS = 500;
/** Whoever dies in an outage is believed for so long. */
export const TOLD_FOR_MS = 15_000;
/** Two renewals may fail. */
const RENEWED_EVERY_MS = 4_000;
const STOPPED_WITHIN_MS = 1_000;

/** Begins to listen. What was heard last holds while the database is away, until it lapses. */
export function shareOutages(deps: SharedOutagesDeps): SharedOutages {
  const { port, owner, sleep, steadyClock = () => performance.now() } = deps;
  const stopping = new AbortController();
  const telling = new Set<string>();
  const trouble = tellOnce(deps.logger, {
    begun: 'could not share with other crawlers which storages are down; trying again',
    over: 'sharing with other crawlers which storages are down works again',
  });
  let heard: readonly { readonly outage: HeardOutage; readonly until: number }[] = [];
  let renewedAt = Number.NEGATIVE_INFINITY;
  let contradicted = new Map<string, number>();
  const turn = createTurns();

  /** One after the other: what was heard is then never older than what was told. */
  const inTurn = (work: () => Promise<void>): Promise<void> =>
    turn(work).then(trouble.over, (error: unknown) => {
      if (!stopping.signal.aborted) trouble.note(error);
    });
  const renew = async () => {
    const now = steadyClock();
    if (telling.size === 0 || now - renewedAt < RENEWED_EVERY_MS) return;
    await port.renew(owner, [...telling], TOLD_FOR_MS);
    renewedAt = now;
  };
  const hear = async () => {
    const asked = steadyClock();
    const told = await port.told();
    heard = told.map(({ leftMs, ...outage }) => ({ outage, until: asked + leftMs }));
  };
  const look = async () => {
    await inTurn(async () => {
      await renew();
      await hear();
    });
    if (stopping.signal.aborted) return;
    const now = steadyClock();
    deps.onHeard(heard.filter(({ until }) => until > now).map(({ outage }) => outage));
  };
  const listen = async () => {
    while (!stopping.signal.aborted) {
      await sleep(HEARD_EVERY_MS, stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) await look();
    }
  };
  const first = look();
  const listening = first.then(listen);

  return {
    first,
    tell(outage) {
      if (stopping.signal.aborted) return;
      telling.add(outage.storage);
      void inTurn(() => port.tell({ ...outage, owner }, TOLD_FOR_MS));
    },
    contradict(storage, answeredAt) {
      const now = steadyClock();
      if (now - (contradicted.get(storage) ?? Number.NEGATIVE_INFINITY) < RENEWED_EVERY_MS) return;
      contradicted = new Map([...contradicted, [storage, now] as const].filter(([, at]) => now - at < TOLD_FOR_MS));
      void inTurn(() => port.contradict(storage, { owner, answeredAt }, TOLD_FOR_MS));
    },
    forget: (storage) => void telling.delete(storage),
    end(storage) {
      if (stopping.signal.aborted) return;
      telling.delete(storage);
      void inTurn(() => port.end(storage));
    },
    async stop() {
      stopping.abort();
      const over = new AbortController();
      const withdrawn = inTurn(() => (telling.size === 0 ? Promise.resolve() : port.withdraw(owner)));
      // What is told lapses anyway.
      await Promise.race([
        Promise.all([withdrawn, listening]),
        sleep(STOPPED_WITHIN_MS, over.signal).catch(() => undefined),
      ]);
      over.abort();
    },
  };
}
