import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/ports/clock.js';
import type { BegunSignIn, IssuerSignIn } from '../../domain/ports/issuer-sign-in.js';

/** A sign-in whose browser is at the issuer. */
export interface PendingSignIn {
  readonly way: IssuerSignIn;
  readonly begun: BegunSignIn;
  /** The page to go on with. */
  readonly next: string;
}

/** Sign-ins that have begun, by an id that only the browser has. */
export interface PendingSignIns {
  keep(pending: PendingSignIn): string;
  /** Returns one that has begun lately, once: an answer of the issuer can't be used again. */
  take(id: string | undefined): PendingSignIn | null;
}

/** In which somebody finds their second factor. */
export const PENDING_MS = 10 * 60_000;
/** A kilobyte each: then the oldest gives way, since anybody may begin. */
const MOST = 5_000;

export function createPendingSignIns(clock: Clock, most = MOST): PendingSignIns {
  const kept = new Map<string, PendingSignIn & { readonly until: number }>();
  return {
    keep(pending) {
      for (const [id, { until }] of kept) {
        if (kept.size < most && until > clock()) break;
        kept.delete(id);
      }
      const id = randomBytes(32).toString('base64url');
      kept.set(id, { ...pending, until: clock() + PENDING_MS });
      return id;
    },
    take(id) {
      const pending = id === undefined ? undefined : kept.get(id);
      if (id === undefined || pending === undefined) return null;
      kept.delete(id);
      return pending.until > clock() ? pending : null;
    },
  };
}
