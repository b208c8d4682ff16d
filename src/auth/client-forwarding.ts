import { isIP } from 'node:net';
import { CLIENTS_TO_DOUBT, LOCK_OUT_WINDOW_MS } from '../domain/hosts/lock-out.js';
import type { LogInCaller } from '../domain/hosts/log-in-proof.js';
import type { Clock } from '../domain/ports/clock.js';

/** Decides which storages are told the addresses of clients who log in. */
export interface ClientForwarding {
  /** Returns the address that a storage is told with a log-in; null if it is told none. */
  addressFor(origin: string, caller: Pick<LogInCaller, 'address'>): string | null;
  /** Notes that a storage has refused a client whose address it was told, because of too many attempts. */
  noteRefusal(origin: string, caller: Pick<LogInCaller, 'network'>): void;
}

/**
 * Creates the decision; `origins` are those that are told. One that refuses clients at several addresses within half an
 * hour probably believes no address that ovadex tells, so that all have one: for as long it counts as a storage that is
 * told none. `onDoubt` is called each time that begins.
 */
export function createClientForwarding(
  origins: readonly string[],
  clock: Clock,
  onDoubt: (origin: string, until: number) => void,
): ClientForwarding {
  const doubtedUntil = new Map<string, number>();
  /** When each network was last refused, by origin. */
  const refusals = new Map<string, Map<string, number>>();
  const isRecent = (at: number, now: number) => at <= now && now - at < LOCK_OUT_WINDOW_MS;

  return {
    addressFor(origin, { address }) {
      if (!origins.includes(origin)) return null;
      const doubted = doubtedUntil.get(origin);
      if (doubted !== undefined && isRecent(doubted - LOCK_OUT_WINDOW_MS, clock())) return null;
      const [plain = ''] = address.split('%', 1); // a zone says something on this machine alone
      return isIP(plain) === 0 ? null : plain;
    },
    noteRefusal(origin, { network }) {
      const now = clock();
      const recent = [...(refusals.get(origin) ?? [])].filter(([, at]) => isRecent(at, now));
      const its = new Map(recent).set(network, now);
      refusals.set(origin, its);
      if (its.size < CLIENTS_TO_DOUBT) return;
      refusals.delete(origin);
      doubtedUntil.set(origin, now + LOCK_OUT_WINDOW_MS);
      onDoubt(origin, now + LOCK_OUT_WINDOW_MS);
    },
  };
}
