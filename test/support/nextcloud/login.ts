import type { AppPassword, CloudAccount, CloudAccounts } from './accounts.js';
import type { Headers } from './answer.js';
import { basicOf, type CloudRequest } from './request.js';
import type { CloudSession, CloudSessions } from './sessions.js';
import type { CloudThrottle } from './throttle.js';

export type LogInKind = 'password' | 'app-password' | 'cookie-password' | 'cookie-app-password' | 'failed' | 'none';

/** Who asks, or why nobody may. `headers` are the cookies that the attempt sets. */
export type Admission = { readonly kind: LogInKind; readonly headers: Headers } & (
  | { readonly is: 'in'; readonly account: CloudAccount; readonly appPassword: AppPassword | null }
  | { readonly is: 'out'; readonly why: 'nobody' | 'wrong' | 'throttled' | 'disabled' }
);

/** A session of a real password is believed for so long before the password is looked at again. */
const RECHECK_MS = 5 * 60_000;

export interface LogInParts {
  readonly accounts: CloudAccounts;
  readonly sessions: CloudSessions;
  readonly throttle: CloudThrottle;
  readonly now: () => number;
}

/** Decides by the session, else by Basic credentials, who asks. Sessions go on while their address is throttled. */
export function admit(parts: LogInParts, request: CloudRequest, session: CloudSession): Admission {
  const standing = bySession(parts, session);
  if (standing !== null) return standing;
  const { accounts, sessions, throttle, now } = parts;
  const basic = basicOf(request);
  if (basic === null) return { is: 'out', kind: 'none', why: 'nobody', headers: [] };
  if (throttle.isClosed(request.address)) return { is: 'out', kind: 'none', why: 'throttled', headers: [] };

  const renewed = sessions.renew(session);
  const appPassword = accounts.appPasswords.get(basic.password) ?? null;
  const account = accounts.byLogin(basic.user);
  const isRight =
    account !== undefined &&
    (appPassword === null
      ? account.password === basic.password && !account.needsSecondFactor
      : appPassword.user === basic.user);
  if (!isRight) {
    // A second factor that is lacking is no failure that anybody counts.
    if (account === undefined || account.password !== basic.password) throttle.noteFailure(request.address);
    return { is: 'out', kind: 'failed', why: 'wrong', headers: renewed };
  }
  if (!account.isEnabled) return { is: 'out', kind: 'failed', why: 'disabled', headers: renewed };

  const sendsTest = request.cookies.has('cookie_test');
  session.user = account.name;
  session.appPassword = appPassword?.secret ?? null;
  session.password = appPassword === null ? basic.password : '';
  session.isLasting = appPassword !== null || sendsTest;
  session.checkedAt = now();
  const test: Headers = session.isLasting ? [] : [['Set-Cookie', testCookie(now())]];
  const kind = appPassword === null ? 'password' : 'app-password';
  return { is: 'in', kind, account, appPassword, headers: [...renewed, ...test] };
}

function bySession({ accounts, now }: LogInParts, session: CloudSession): Admission | null {
  const account = accounts.users.get(session.user ?? '');
  if (account === undefined || !session.isLasting) return null;
  if (session.appPassword !== null) {
    const appPassword = accounts.appPasswords.get(session.appPassword);
    if (appPassword === undefined || !account.isEnabled) return null;
    return { is: 'in', kind: 'cookie-app-password', account, appPassword, headers: [] };
  }
  if (now() - session.checkedAt > RECHECK_MS) {
    if (session.password !== account.password || !account.isEnabled) return null;
    session.checkedAt = now();
  }
  return { is: 'in', kind: 'cookie-password', account, appPassword: null, headers: [] };
}

const testCookie = (now: number) =>
  `cookie_test=test; expires=${new Date(now + 3_600_000).toUTCString()}; Max-Age=3600`;
