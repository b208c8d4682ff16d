import { setMaxListeners } from 'node:events';

/** A signal that is aborted with the first of several others, until they are let go. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Lets go of the others. To be called once nothing waits for the signal any more. */
  release(): void;
}

/**
 * Joins signals of which one may live as long as the daemon. Node keeps what `AbortSignal.any` makes, with all that waits for
 * it, until one of its sources is aborted or all are collected, which may take years.
 */
export function joinSignals(sources: readonly AbortSignal[]): JoinedSignal {
  const joined = new AbortController();
  const abort = ({ target }: Pick<Event, 'target'>) => joined.abort((target as AbortSignal).reason);
  const release = () => {
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  const aborted = sources.find((source) => source.aborted);
  if (aborted !== undefined) {
    abort({ target: aborted });
    return { signal: joined.signal, release };
  }
  for (const source of sources) {
    setMaxListeners(0, source); // each work that it may end has one, which is no leak
    source.addEventListener('abort', abort, { once: true });
  }
  return { signal: joined.signal, release };
}

/** Does a work that ends with the first of these signals, and lets go of them. Settles as the work does. */
export async function underAny<T>(
  sources: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, release } = joinSignals(sources);
  try {
    return await work(signal);
  } finally {
    release();
  }
}
