import type { DateHabit, OtherDate } from '../domain/description/date-habit.js';
import type { RangeAnswer } from '../domain/description/reading.js';
import type { ListedFile } from '../domain/model/image.js';
import type { ListingFailure } from '../domain/model/listing.js';
import type { ResourcePath } from '../domain/model/path.js';
import { nextRetry } from './failure/retry.js';
import { isRefusedForLoad } from './gate/refusal.js';
import { hrefFromPath, wholeEncoded } from './multistatus/href.js';
import { createRangeRequest, type Opened, type RangeRequestDeps } from './range-request.js';
import { otherDate, type ShownFile } from './ranges/sameness.js';
import type { Sleep } from './transport/sleep.js';

export interface RangeAskingDeps extends Omit<RangeRequestDeps, 'path'> {
  readonly origin: string;
  readonly basePath: string;
  /** If false, nothing is sent twice, whatever the result. */
  readonly retries: boolean;
  /** See `WebdavOptions`. */
  readonly waitsOutLoad?: boolean | undefined;
  readonly random: () => number;
  readonly sleep: Sleep;
}

/** Asks for the bytes of one file, again where that may help. */
export interface RangeAsking {
  /** Asks from `from` up to and without `end`, all that follows if that is infinite; `first` as in `AskedRange`. */
  ask(
    from: number,
    end: number,
    first: ShownFile | null,
  ): Promise<Exclude<Opened, { readonly kind: 'failed' }> | Extract<RangeAnswer, { readonly kind: 'failed' }>>;
  /** Returns a failure with the request in front of its detail, so that an administrator can repeat it. */
  located(failure: ListingFailure, detail: string): Extract<RangeAnswer, { readonly kind: 'failed' }>;
  /** The date that the first answer gave the file, if it isn't the listed one. */
  readonly otherDate: OtherDate | null;
  /** How many requests were sent so far. */
  readonly requests: number;
}

export function createRangeAsking(
  path: ResourcePath,
  listed: ListedFile,
  deps: RangeAskingDeps,
  signal: AbortSignal,
  habits: readonly DateHabit[] = [],
): RangeAsking {
  const { origin, basePath, gate, clock, random, sleep } = deps;
  let href = hrefFromPath(path);
  let requests = 0;
  let datedAs: OtherDate | null = null;
  const located: RangeAsking['located'] = (failure, detail) => ({
    kind: 'failed',
    failure,
    detail: `GET ${origin}${basePath}${href}: ${detail}`,
  });

  return {
    located,
    get otherDate() {
      return datedAs;
    },
    get requests() {
      return requests;
    },
    async ask(from, end, first) {
      for (let attempt = 1; ; ) {
        const request = createRangeRequest({ ...deps, path: `${basePath}${href}` });
        const opened = await request({ from, end, listed, first, habits }, signal);
        if (opened.isSent) requests++;
        if (opened.kind !== 'failed') {
          const isShown = first === null && 'shown' in opened && opened.shown !== null;
          if (first === null) datedAs = isShown ? otherDate(opened.shown, listed) : null;
          return opened;
        }
        const { failure, detail, trouble } = opened.failed;
        const other = wholeEncoded(href);
        if (failure === 'not-found' && first === null && other !== href) {
          href = other; // some servers read `;` or `+` in their own way
          continue;
        }
        if (!opened.isSent) return located(failure, detail);
        if (trouble.kind === 'status' && isRefusedForLoad(trouble.status)) {
          // The gate makes the pauses, as for listings, and gives the host up in the end.
          const isWaitedFor = deps.waitsOutLoad === true && deps.retries && gate.refusal === null;
          if (!isWaitedFor) return located(failure === 'maintenance' ? failure : 'busy', gate.refusal ?? detail);
          continue;
        }
        const waitMs = deps.retries ? nextRetry(trouble, attempt++, { now: clock(), random }) : null;
        if (waitMs === null) return located(failure, detail);
        await sleep(waitMs, signal);
      }
    },
  };
}
