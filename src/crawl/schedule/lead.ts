import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Lead, Leadership } from '../../domain/ports/leadership.js';
import { tellOnce } from '../news/tell-once.js';

/** Whether this process leads the others that share its index. */
export interface HostLead {
  /** Returns the lead while its lease lasts, and the same object for as long; null for a process that follows. */
  held(): Lead | null;
  /** Returns what is aborted when the lead that is held now is lost; aborted already if none is. */
  signal(): AbortSignal;
  /** Calls this whenever the lead was gained from now on. */
  onGained(listener: () => void): void;
  /** Gives the lead back and stands for it no longer. */
  stop(): Promise<void>;
}

/** A leader that dies or hangs is replaced within this time. What it decides can wait so long; a list of images doesn't depend on it. */
export const LEAD_LEASE_MS = 10_000;
/** Four times in each lease, so that one lost answer changes nothing. */
const STAND_EVERY_MS = 2_500;
const RESIGNED_WITHIN_MS = 1_000;

const LEAD: Lead = { holder: '', term: 0 };
const FOREVER = new AbortController().signal;

/** The lead of a process that shares its index with no host. */
export const soleLead: HostLead = {
  held: () => LEAD,
  signal: () => FOREVER,
  onGained: () => undefined,
  stop: () => Promise.resolve(),
};

interface Term {
  readonly lead: Lead;
  readonly end: AbortController;
  /** By the steady clock. */
  until: number;
}

/**
 * Stands for the lead now, and again and again until it is stopped. The lease is counted from before it was asked for, by a
 * clock that goes on while the process is stopped: whoever wakes up later knows at once that the lead may be lost. Rejects as
 * `stand` does, if the first time fails.
 */
export async function keepLead({
  leadership,
  holder,
  steadyClock,
  logger,
}: {
  readonly leadership: Leadership;
  /** Unique to this process and run. */
  readonly holder: string;
  /** In ms; goes on at the same pace whatever the wall clock is set to. */
  readonly steadyClock: () => number;
  readonly logger: Logger;
}): Promise<HostLead> {
  if (!leadership.isShared) return soleLead;
  const listeners: (() => void)[] = [];
  const trouble = tellOnce(logger, {
    begun: 'it could not be found out which host leads; trying again',
    over: 'it is known again which host leads',
  });
  let term: Term | null = null;
  let standing: Promise<void> = Promise.resolve();

  const lose = () => {
    if (term === null) return;
    term.end.abort();
    term = null;
    logger.info('this host no longer leads: another one says which spaces there are and when they are due');
  };
  const held = () => {
    if (term !== null && steadyClock() >= term.until) lose();
    return term?.lead ?? null;
  };
  const stand = async () => {
    const until = steadyClock() + LEAD_LEASE_MS;
    const lead = await leadership.stand(holder, LEAD_LEASE_MS);
    held();
    if (lead === null || lead.term !== term?.lead.term) lose();
    if (lead === null) return;
    if (term !== null) {
      term.until = until;
      return;
    }
    term = { lead, end: new AbortController(), until };
    logger.info('this host leads: its configuration says which spaces there are and when they are due');
    for (const listener of listeners) listener();
  };

  await stand();
  const timer = setInterval(() => {
    standing = standing.then(stand).then(trouble.over, trouble.note);
  }, STAND_EVERY_MS);
  return {
    held,
    signal: () => (held() === null ? AbortSignal.abort() : (term?.end.signal ?? FOREVER)),
    onGained: (listener) => void listeners.push(listener),
    async stop() {
      clearInterval(timer);
      const resign = async () => {
        await standing;
        const lead = held();
        if (lead === null) return;
        term?.end.abort();
        term = null;
        await leadership
          .resign(lead)
          .catch((err: unknown) => logger.debug({ err }, 'the lead could not be given back'));
      };
      // Whoever can't be told finds out by the end of the lease: a stop doesn't wait for a database that doesn't answer.
      await Promise.race([resign(), delay(RESIGNED_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}
