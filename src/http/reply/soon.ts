/** A value that is there, or will be. */
export type Soon<T> = T | Promise<T>;

/**
 * Goes on with a value: at once where it is there. An answer out of memory takes so little time that
 * the turns of a promise at each step would make it half as much again.
 */
export function whenThere<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
