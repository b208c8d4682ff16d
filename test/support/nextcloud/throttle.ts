/** More failures than these from one address, and it logs in no more. */
const MOST_ATTEMPTS = 10;
const WINDOW_MS = 30 * 60_000;

/** Brute-force protection as Nextcloud ships it: failed log-ins are counted by address, whoever they were for. */
export interface CloudThrottle {
  /** Whether log-ins from there are refused unseen. */
  isClosed(address: string): boolean;
  noteFailure(address: string): void;
  /** Failures from there within the last half hour. */
  attempts(address: string): number;
  /** `occ security:bruteforce:reset` */
  reset(address: string): void;
  /** Addresses whose failures aren't counted. */
  readonly allowList: Set<string>;
}

export function createThrottle(now: () => number): CloudThrottle {
  const failures = new Map<string, number[]>();
  const allowList = new Set<string>();
  const attempts = (address: string) => {
    if (allowList.has(address)) return 0;
    return (failures.get(address) ?? []).filter((at) => at > now() - WINDOW_MS).length;
  };
  return {
    allowList,
    attempts,
    isClosed: (address) => attempts(address) > MOST_ATTEMPTS,
    noteFailure(address) {
      if (!allowList.has(address)) failures.set(address, [...(failures.get(address) ?? []), now()]);
    },
    reset: (address) => void failures.delete(address),
  };
}
