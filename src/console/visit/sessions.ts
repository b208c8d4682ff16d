import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../domain/ports/clock.js';

/** Somebody who has signed in. Times are in ms since the epoch. */
export interface Session {
  readonly id: string;
  readonly user: string;
  readonly scopes: readonly string[];
  /** What the API is asked with; it never leaves this process. */
  readonly token: string;
  /** Where the token came from: one that somebody has pasted outlives the session. */
  readonly origin: 'log-in' | 'issuer' | 'pasted';
  /** Proves that a form was in a page of this session. */
  readonly formToken: string;
  /** When it ends whatever happens. */
  readonly endsAt: number;
}

/** Those who have signed in, in memory: a restart signs everybody out. */
export interface Sessions {
  begin(who: Pick<Session, 'user' | 'scopes' | 'token' | 'origin'> & { readonly expiresAt: number | null }): Session;
  /** Returns the living session of this id, which has been used by that; null for any other. */
  use(id: string | undefined): Session | null;
  /** Whether the session lives, which is no use of it. */
  isLiving(id: string): boolean;
  end(id: string): void;
  /** Keeps something to be told on the next page of a session. */
  tell(id: string, notice: Notice): void;
  /** Returns what is to be told, once. */
  told(id: string): Notice | null;
  readonly size: number;
}

/** The result of what somebody did, told on the page that follows. */
export interface Notice {
  readonly kind: 'done' | 'trouble';
  readonly text: string;
  /** A text that is shown this once, such as a new token. */
  readonly secret?: string;
}

interface Kept {
  readonly session: Session;
  usedAt: number;
  notice: Notice | null;
}

/** Short, as it is somebody's way to all their images: half an hour without a page. */
export const IDLE_MS = 30 * 60_000;
/** A day at work. */
export const LIFETIME_MS = 12 * 3_600_000;
/** Some MB; then the one that was unused for longest ends. */
const MOST = 10_000;
/** Of one user, who else could sign in until everybody else is out; several may share the name of an administrator. */
const MOST_OF_USER = 100;
/** 256 bits, which nobody guesses. */
const SECRET_BYTES = 32;

export function createSessions({
  clock,
  most = MOST,
  mostOfUser = MOST_OF_USER,
  draw = () => randomBytes(SECRET_BYTES).toString('base64url'),
  onEnd,
}: {
  readonly clock: Clock;
  readonly most?: number;
  readonly mostOfUser?: number;
  readonly draw?: () => string;
  /** Is told of each session that is over, at the latest when another one begins. */
  readonly onEnd?: (session: Session) => void;
}): Sessions {
  /** In the order of their last use. */
  const kept = new Map<string, Kept>();

  const isOver = ({ session, usedAt }: Kept, now: number) => session.endsAt <= now || usedAt + IDLE_MS <= now;
  const end = (id: string, { session }: Kept) => {
    kept.delete(id);
    onEnd?.(session);
  };
  const makeRoomFor = (user: string) => {
    const now = clock();
    for (const [id, one] of kept) {
      if (!isOver(one, now) && kept.size < most) break;
      end(id, one);
    }
    const own = [...kept].filter(([, { session }]) => session.user === user);
    for (const [id, one] of own.slice(0, Math.max(0, own.length + 1 - mostOfUser))) end(id, one);
  };

  return {
    begin({ expiresAt, ...who }) {
      makeRoomFor(who.user);
      const now = clock();
      const endsAt = Math.min(now + LIFETIME_MS, expiresAt ?? Number.POSITIVE_INFINITY);
      const session = { ...who, id: draw(), formToken: draw(), endsAt };
      kept.set(session.id, { session, usedAt: now, notice: null });
      return session;
    },
    use(id) {
      const found = id === undefined ? undefined : kept.get(id);
      if (id === undefined || found === undefined) return null;
      const now = clock();
      if (isOver(found, now)) {
        end(id, found);
        return null;
      }
      found.usedAt = now;
      kept.delete(id);
      kept.set(id, found);
      return found.session;
    },
    isLiving(id) {
      const found = kept.get(id);
      return found !== undefined && !isOver(found, clock());
    },
    end(id) {
      const found = kept.get(id);
      if (found !== undefined) end(id, found);
    },
    tell(id, notice) {
      const found = kept.get(id);
      if (found !== undefined) found.notice = notice;
    },
    told(id) {
      const found = kept.get(id);
      const notice = found?.notice ?? null;
      if (found !== undefined) found.notice = null;
      return notice;
    },
    get size() {
      return kept.size;
    },
  };
}

/** Whether two secrets are the same, in a time that doesn't tell how much of them is. */
export function isSameSecret(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
