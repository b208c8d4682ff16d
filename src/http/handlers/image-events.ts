import type { Logger } from 'pino';
import { sayGone, writePoint } from '../../domain/lists/change-point.js';
import type { StaleServing } from '../../domain/policy/stale-serving.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { isStillCaller, type StillCallerDeps } from '../gate/still-caller.js';
import { parseEventsQuery } from '../lists/changes-query.js';
import { EVENTS_AT_ONCE, eventStream } from '../lists/event-stream.js';
import type { Waits } from '../lists/waits.js';
import type { CallerHandle } from '../reply/context.js';
import { ignoredHeader, wantsStrict } from '../reply/ignored.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answerStream } from '../reply/reply.js';
import { whenGone } from './waited.js';

export interface EventsDeps extends StillCallerDeps {
  readonly catalogue: Pick<ImageCatalogue, 'changes'>;
  /** null: what there is is told, and the stream ends. */
  readonly waits?: Waits | null;
  /** What is served while the index is away: a stream stays open as long; null or left out: nothing. */
  readonly stale?: Pick<StaleServing, 'mayServe'> | null;
  readonly logger: Pick<Logger, 'error'>;
}

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Else nginx gathers events until its buffer is full.
  'X-Accel-Buffering': 'no',
} as const;

/** Creates the handler that tells what changes in the list of the caller's own space as it is found. */
export function createEventsHandler(deps: EventsDeps): CallerHandle {
  const { catalogue, waits = null, stale = null, logger } = deps;
  return async (c, { user }) => {
    const parsed = parseEventsQuery(queryOf(c.req.url), c.req.header('last-event-id'), wantsStrict(c));
    if ('faults' in parsed) return refuseFaults(c, parsed.faults);
    const { since, place, withShort = false } = parsed.query;
    const read = (from: typeof since) => catalogue.changes(user, { since: from, limit: EVENTS_AT_ONCE, withShort });
    const first = await read(since);
    if ('gone' in first) {
      const parameter = place ?? 'since';
      const detail = sayGone(since === null ? '' : writePoint(since), first.gone, parameter);
      return refuse(c, { status: 410, detail, errors: [{ parameter, detail }] });
    }
    const headers = { ...HEADERS, ...ignoredHeader(parsed.ignored) };
    if (c.req.method === 'HEAD') return answerStream(c, null, headers);
    const requestId = c.get('requestId');
    const body = eventStream({
      ...{ first, since, withShort, read },
      mayGoOn: (error) => stale?.mayServe(error, Number.POSITIVE_INFINITY) === true,
      isAllowed: () => isStillCaller(c, user, deps),
      takePlace: (end) => waits?.place(user, end) ?? null,
      whenGone: (gone) => whenGone(c.env?.outgoing, gone),
      cut: () => c.env?.outgoing?.destroy(),
      onError: (err) => logger.error({ err, requestId, user }, 'a stream of events has ended early'),
    });
    return answerStream(c, body, headers);
  };
}
