import { randomBytes } from 'node:crypto';
import { noteSecret } from '../secrets.js';
import type { Headers } from './answer.js';
import type { CloudRequest } from './request.js';

/** What a session file holds. */
export interface CloudSession {
  id: string;
  readonly passphrase: string;
  /** Who logged in; null as long as nobody has. */
  user: string | null;
  /** The app password that it was by; null after a log-in with the real one. */
  appPassword: string | null;
  /** Whether later requests may do without another log-in: by a real password only once `cookie_test` has come back. */
  isLasting: boolean;
  /** The real password that it was by, looked at again every five minutes. */
  password: string;
  checkedAt: number;
  /** Of Login Flow v2: which flow is being granted, and the word that keeps strangers from granting it. */
  flowToken: string | null;
  stateToken: string | null;
}

export interface CloudSessions {
  /** The session that the cookies lead to, or a new one. */
  open(request: CloudRequest): { readonly session: CloudSession; readonly isNew: boolean };
  /** Cookies of a new session, in the three parts in which PHP sends them around other headers. */
  cookies(session: CloudSession, isNew: boolean): Headers;
  /** A log-in gives the session another id, so that nobody can have laid the old one under. */
  renew(session: CloudSession): Headers;
  end(session: CloudSession): void;
  endAll(): void;
  /** Session files that were ever made. */
  readonly made: number;
}

const ATTRIBUTES = 'path=/; HttpOnly; SameSite=Lax';

export function createSessions(instanceId: string): CloudSessions {
  const sessions = new Map<string, CloudSession>();
  let made = 0;
  const newId = () => {
    const id = randomBytes(16).toString('hex');
    noteSecret(id);
    return id;
  };
  const cookie = (value: string) => ['Set-Cookie', `${instanceId}=${value}; ${ATTRIBUTES}`] as const;

  return {
    get made() {
      return made;
    },
    open({ cookies }) {
      const known = sessions.get(cookies.get(instanceId) ?? '');
      // The file is encrypted by the passphrase; without it, it is as good as none.
      if (known !== undefined && cookies.get('oc_sessionPassphrase') === known.passphrase) {
        return { session: known, isNew: false };
      }
      made++;
      const session: CloudSession = {
        id: newId(),
        passphrase: newId(),
        user: null,
        appPassword: null,
        isLasting: false,
        password: '',
        checkedAt: 0,
        flowToken: null,
        stateToken: null,
      };
      sessions.set(session.id, session);
      return { session, isNew: true };
    },
    cookies: ({ id, passphrase }, isNew) =>
      isNew ? [cookie(newId()), ['Set-Cookie', `oc_sessionPassphrase=${passphrase}; ${ATTRIBUTES}`], cookie(id)] : [],
    renew(session) {
      sessions.delete(session.id);
      const between = newId();
      session.id = newId();
      sessions.set(session.id, session);
      return [cookie(between), cookie(session.id)];
    },
    end: ({ id }) => void sessions.delete(id),
    endAll: () => sessions.clear(),
  };
}

const LONG = 'path=/; httponly;expires=Fri, 31-Dec-2100 23:59:59 GMT';

/** Cookies that browsers keep back from other sites' requests: sent to whoever brings no cookie at all. */
export const sameSiteCookies = ({ cookies }: CloudRequest): Headers =>
  cookies.size > 0
    ? []
    : [
        ['Set-Cookie', `nc_sameSiteCookielax=true; ${LONG}; SameSite=lax`],
        ['Set-Cookie', `nc_sameSiteCookiestrict=true; ${LONG}; SameSite=strict`],
      ];

/** Whoever brings a session back without these is refused: 412. */
export function lacksSameSiteCookies({ cookies, header }: CloudRequest, instanceId: string): boolean {
  if (!cookies.has(instanceId) || header('OCS-APIRequest') !== '') return false;
  return cookies.get('nc_sameSiteCookiestrict') !== 'true' || cookies.get('nc_sameSiteCookielax') !== 'true';
}
