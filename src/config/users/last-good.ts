import type { UserAuth } from '../../domain/model/user-auth.js';
import type { UserCredentials } from './credentials-of-user.js';

type Fill = (template: UserAuth, user: string) => Promise<UserCredentials>;

/**
 * Returns a `fill` that keeps the credentials of before where a file is there but can't be used just now: only one that
 * is gone leaves its user without any. `tell` hears of each such user once, until the file can be used again.
 */
export function keepingLastGood(fill: Fill, tell: (user: string, problem: string) => void): Fill {
  const good = new Map<string, UserCredentials>();
  const isTold = new Set<string>();
  return async (template, user) => {
    const key = JSON.stringify([template, user]);
    const filled = await fill(template, user);
    if ('auth' in filled) {
      good.set(key, filled);
      isTold.delete(key);
      return filled;
    }
    if (filled.isGone) good.delete(key);
    const before = good.get(key);
    if (before === undefined) return filled;
    if (!isTold.has(key)) tell(user, `${filled.problem}: ${filled.file}`);
    isTold.add(key);
    return before;
  };
}
