import type { Logger } from 'pino';

/** Tells of trouble that is met every second when it begins and when it is over, and not in between. */
export function tellOnce(
  logger: Logger,
  words: { readonly begun: string; readonly over: string },
): { note(error: unknown): void; over(): void } {
  let isTold = false;
  return {
    note(err) {
      if (!isTold) logger.error({ err }, words.begun);
      isTold = true;
    },
    over() {
      if (isTold) logger.info(words.over);
      isTold = false;
    },
  };
}
