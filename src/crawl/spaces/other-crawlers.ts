import type { Logger } from 'pino';
import { outageOnlyHere } from '../../domain/hosts/outage-words.js';
import { commonSince, heedingOf, isNewsOfEnd, isToldOf } from '../../domain/hosts/told-outage.js';
import type { Sleep } from '../../domain/ports/clock.js';
import type { StorageOutages } from '../../domain/ports/storage-places.js';
import { type Crawled, newOutage, type Outage, type Way, type Ways } from './host-ways.js';
import { type HeardOutage, shareOutages } from './shared-outages.js';
import { createToldWays } from './told-ways.js';

/** What this crawler tells the others of its index about outages, and heeds of theirs. */
export interface OtherCrawlers {
  /** Tells that a storage was just found out of order, in this way. */
  tell(key: string, outage: Outage): void;
  /** Tells that it answers again. */
  end(outage: Outage): void;
  /** Tells no longer of an outage that nobody here would notice. */
  forget(outage: Outage): void;
  /** Returns what has to be over before it is known whether these ways are in order; null for nothing. */
  doubtOn(keys: readonly string[]): Promise<void> | null;
  stop(): Promise<void>;
}

export interface OtherCrawlersDeps extends Crawled {
  readonly ways: Ways;
  /** Leaves a storage alone until it answers. */
  readonly goDown: (key: string, way: Way, outage: Outage) => void;
  /** Asks once whether an outage is over; never rejects. */
  readonly isBack: (outage: Outage) => Promise<boolean>;
  readonly noteAnswer: (keys: readonly string[]) => void;
  /** Aborted when nothing more is asked. */
  readonly stopping: AbortSignal;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** Begins to listen to the others. */
export type ListenToOthers = (deps: OtherCrawlersDeps) => OtherCrawlers;

/** `port` is how the others are told, and `owner` what this crawler is called there: nothing that was before it. */
export function listenToOthers(
  shared: { readonly port: StorageOutages; readonly owner: string },
  deps: OtherCrawlersDeps,
): OtherCrawlers {
  const { ways, stopping, sleep, logger } = deps;
  const waysOf = createToldWays(deps);

  /** Takes in all that is told now. */
  const heed = (told: readonly HeardOutage[]) => {
    const byName = new Map<string, HeardOutage[]>();
    for (const outage of told) {
      const name = nameOf(outage.kind, outage.storage);
      byName.set(name, [...(byName.get(name) ?? []), outage]);
    }
    for (const way of ways.all()) {
      if (way.down !== null) follow(way.down, byName.get(nameOf(way.down.kind, way.down.name)) ?? [], way.answeredAt);
    }
    for (const outage of told) if (outage.owner !== shared.owner) heedOne(outage, byName);
  };
  const follow = (down: Outage, told: readonly HeardOutage[], answeredAt: number) => {
    const tellers = new Set(told.map(({ owner }) => owner));
    down.since = commonSince(
      down.since,
      told.map(({ since }) => since),
      answeredAt,
    );
    if (isNewsOfEnd(down.tellers, tellers)) {
      down.isHurried = true;
      down.wake?.();
    }
    down.tellers = tellers;
    const isOnlyHere = told.some(({ owner, isContradicted }) => owner === shared.owner && isContradicted);
    if (isOnlyHere && !down.isOnlyHere) {
      const { origin: host } = new URL(down.place.url);
      logger.warn({ host }, outageOnlyHere(host));
    }
    down.isOnlyHere = isOnlyHere;
  };
  const heedOne = (told: HeardOutage, byName: ReadonlyMap<string, readonly HeardOutage[]>) => {
    for (const [key, place] of waysOf(told)) {
      const way = ways.of(key);
      const isDown = way.down !== null || way.doubt !== null;
      const heeding = heedingOf(told, { isDown, answeredAt: way.answeredAt });
      if (heeding === 'contradict') sharing.contradict(told.storage, way.answeredAt);
      if (heeding === 'nothing' || heeding === 'contradict') continue;
      const outage = newOutage({ ...told, place });
      follow(outage, byName.get(nameOf(told.kind, told.storage)) ?? [], way.answeredAt);
      if (heeding === 'believe') deps.goDown(key, way, outage);
      else way.doubt = askOnce(key, way, outage);
    }
  };
  const askOnce = async (key: string, way: Way, outage: Outage) => {
    const isUp = await deps.isBack(outage);
    way.doubt = null;
    if (isUp) return deps.noteAnswer([key]);
    if (stopping.aborted || way.down !== null) return;
    deps.goDown(key, way, outage);
    tell(key, outage);
  };
  const tell = (key: string, outage: Outage) => {
    const { kind, name: storage, since, failure, detail, place } = outage;
    if (isToldOf(kind, place, ways.spacesAt(key))) sharing.tell({ storage, kind, since, failure, detail });
  };

  const sharing = shareOutages({ ...shared, onHeard: heed, sleep, logger });
  let first: Promise<void> | null = sharing.first.then(() => {
    first = null;
  });
  return {
    tell,
    end: ({ name }) => sharing.end(name),
    forget: ({ name }) => sharing.forget(name),
    doubtOn(keys) {
      if (first !== null) return first;
      for (const key of keys) {
        const doubt = ways.get(key)?.doubt ?? null;
        if (doubt !== null) return doubt;
      }
      return null;
    },
    stop: sharing.stop,
  };
}

function nameOf(kind: string, storage: string): string {
  return `${kind} ${storage}`;
}
