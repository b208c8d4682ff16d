import type { Logger } from 'pino';

/** Logs trouble that recurs every second when it begins and when it is over, but not in between. */
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
