/** How much a host answers. `quota`: so many requests in each window of time; `rate`: a bucket that fills so fast. */
export type DavLoad =
  | { readonly kind: 'quota'; readonly requests: number; readonly windowMs: number; readonly status: number }
  | { readonly kind: 'rate'; readonly perSecond: number; readonly burst: number; readonly status: number };

/** Counts requests and refuses those above the limit, without a Retry-After. */
export interface DavLimiter {
  /** The status of the refusal; null lets the request in. */
  refuse(): number | null;
  set(load: DavLoad | null): void;
}

export function createDavLimiter(now: () => number): DavLimiter {
  let load: DavLoad | null = null;
  let since = 0;
  /** Requests that may still come in. */
  let left = 0;

  return {
    set(next) {
      load = next;
      since = now();
      left = next === null ? 0 : next.kind === 'quota' ? next.requests : next.burst;
    },
    refuse() {
      if (load === null) return null;
      if (load.kind === 'quota' && now() - since >= load.windowMs) {
        since = now();
        left = load.requests;
      }
      if (load.kind === 'rate') {
        left = Math.min(load.burst, left + ((now() - since) * load.perSecond) / 1_000);
        since = now();
      }
      if (left < 1) return load.status;
      left--;
      return null;
    },
  };
}
