import { setMaxListeners } from 'node:events';

/** Those who are called when a signal is aborted. */
export interface AbortWaiters {
  add(call: () => void): void;
  delete(call: () => void): void;
}

const waitersOf = new WeakMap<AbortSignal, AbortWaiters>();

/**
 * Returns those who are called when this signal is aborted; each deletes itself once it no longer waits. One signal ends a
 * whole sync: one listener for all of its requests, in place of one each, saves several microseconds a request.
 */
export function abortWaiters(signal: AbortSignal): AbortWaiters {
  const known = waitersOf.get(signal);
  if (known !== undefined) return known;
  /**
   * Not a Set: whenever one makes room, the engine leaves what was in it behind, linked to what comes after. Garbage that
   * has become old then keeps all later requests with their answers until the next full collection, a quarter of the
   * processor time of a listing.
   */
  const calls: (() => void)[] = [];
  const waiters = {
    add: (call: () => void) => void calls.push(call),
    delete: (call: () => void) => {
      const at = calls.indexOf(call);
      if (at !== -1) calls.splice(at, 1);
    },
  };
  waitersOf.set(signal, waiters);
  // Those who wait for a turn or for the end of a pause have listeners of their own; that many are not a leak.
  setMaxListeners(0, signal);
  const callAll = () => {
    for (const call of [...calls]) call();
  };
  signal.addEventListener('abort', callAll, { once: true });
  return waiters;
}
