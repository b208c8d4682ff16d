import type { Logger } from 'pino';
import type { SpaceSettings } from '../domain/model/space.js';
import { NO_STANDING } from '../domain/model/sync.js';
import type { HostLead } from './schedule/lead.js';
import type { Roster, RosterEntry } from './spaces/space-roster.js';
import { createTurns } from './spaces/turns.js';
import type { RunningSync } from './sync/sync-space.js';

/** A roster over an index that other hosts may share, and lead. */
export interface SharedRoster {
  /** Returns the settings of the spaces that are crawled, by their ids. */
  crawled(): ReadonlyMap<number, SpaceSettings>;
  /** Makes a change of which spaces there are: one after the other. */
  inTurn<T>(change: () => Promise<T>): Promise<T>;
  /** Registers all anew or, for a host that follows, takes over what is registered, and credentials that have changed meanwhile. */
  registerAnew(): Promise<void>;
  /** Does what a change of the leader calls for, and takes over what the leader has registered since the last time. */
  look(): Promise<void>;
  /** Returns the spaces whose syncs are left to other hosts. */
  leftToOthers(): readonly number[];
  /**
   * Runs a sync of a space that another host may just have registered, once this one has looked. It is given back if there is
   * no such space in this configuration, for a host that has it.
   */
  runOnceKnown(spaceId: number, start: (entry: RosterEntry) => RunningSync): RunningSync;
}

/** Follows who leads; the roster has just been registered in the lead `ledIn`, or without. */
export function shareRoster(
  roster: Roster,
  {
    lead,
    ledIn,
    onAccess,
    onTaken,
    logger,
  }: {
    readonly lead: HostLead;
    readonly ledIn: ReturnType<HostLead['held']>;
    /** Lets everything know whose access is no longer what it was `before`. */
    readonly onAccess: (before: ReadonlyMap<number, SpaceSettings>) => Promise<void>;
    /** Called when this process has registered its spaces in place of those of a former leader. */
    readonly onTaken: () => Promise<void>;
    readonly logger: Logger;
  },
): SharedRoster {
  let registeredIn = ledIn;
  /** Spaces that nobody has registered by what was seen last; looked at once more before the next claim of one. */
  const unknown = new Set<number>();

  const crawled = () => new Map([...roster.entries()].map(({ space, settings }) => [space.id, settings]));
  const inTurn = createTurns();
  const registerAnew = () =>
    inTurn(async () => {
      const before = crawled();
      await roster.register();
      await onAccess(before);
    });
  const follow = () =>
    inTurn(async () => {
      const before = crawled();
      if (await roster.follow()) await onAccess(before);
    });
  const takeLead = async () => {
    const held = lead.held();
    if (held === null || held === registeredIn) return;
    try {
      await registerAnew();
      registeredIn = held;
      await onTaken();
    } catch (err) {
      logger.error({ err }, 'the lead could not be taken over; trying again within a minute');
    }
  };
  lead.onGained(() => void takeLead());

  return {
    crawled,
    inTurn,
    registerAnew,
    async look() {
      unknown.clear();
      await (lead.held() === null ? follow() : takeLead());
    },
    leftToOthers: () => [...roster.strangers(), ...unknown],
    runOnceKnown(spaceId, start) {
      let running: RunningSync | null = null;
      const run = async () => {
        await follow();
        const entry = roster.find(spaceId);
        if (entry === undefined) {
          unknown.add(spaceId);
          return null;
        }
        running = start(entry);
        return await running.outcome;
      };
      return {
        outcome: run(),
        standing: () => running?.standing() ?? NO_STANDING,
        revisit: (collections) => running?.revisit(collections) ?? false,
      };
    },
  };
}
