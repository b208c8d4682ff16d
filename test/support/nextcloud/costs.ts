import type { LogInKind } from './login.js';

/** One request as the model saw it. */
export interface CloudRequestRecord {
  readonly method: string;
  /** Decoded, from `/remote.php` or the like on. */
  readonly path: string;
  readonly depth: string;
  /** Who was let in; null for whoever was not. */
  readonly user: string | null;
  /** Whom the credentials named, right or wrong. */
  readonly triedUser: string | null;
  readonly logIn: LogInKind;
  readonly status: number;
  /** Brute-force protection counts by it. */
  readonly address: string;
  readonly userAgent: string;
  readonly at: number;
  /** Processor time that it would have cost the server. */
  readonly cpuMs: number;
}

export interface CloudCosts {
  readonly requests: number;
  readonly byMethod: Readonly<Record<string, number>>;
  /** Log-ins that a password or app password was checked for. */
  readonly fullLogIns: number;
  readonly cookieLogIns: number;
  readonly failedLogIns: number;
  /** Ever made, those of browsers included. */
  readonly sessionFiles: number;
  readonly cpuMs: number;
}

/** Milliseconds of processor time a request, measured on Nextcloud 32 with PHP 8.2; a wrong password costs its hash. */
const CPU_MS: Readonly<Record<LogInKind, number>> = {
  password: 560,
  'app-password': 35,
  'cookie-password': 101,
  'cookie-app-password': 30,
  failed: 560,
  none: 10,
};
/** SEARCH over a space of 500 collections, beyond the log-in. */
const SEARCH_CPU_MS = 65;

export const cpuMsOf = (logIn: LogInKind, method: string): number =>
  CPU_MS[logIn] + (method === 'SEARCH' ? SEARCH_CPU_MS : 0);

export function addUp(records: readonly CloudRequestRecord[], sessionFiles: number): CloudCosts {
  const byMethod: Record<string, number> = {};
  for (const { method } of records) byMethod[method] = (byMethod[method] ?? 0) + 1;
  const count = (...kinds: readonly LogInKind[]) => records.filter(({ logIn }) => kinds.includes(logIn)).length;
  return {
    requests: records.length,
    byMethod,
    fullLogIns: count('password', 'app-password', 'failed'),
    cookieLogIns: count('cookie-password', 'cookie-app-password'),
    failedLogIns: count('failed'),
    sessionFiles,
    cpuMs: records.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}
