import type { ChangePoint, GoneReason } from '../../domain/lists/change-point.js';
import { writePoint } from '../../domain/lists/change-point.js';
import type { ListChanges } from '../../domain/ports/image-changes.js';
import { BEAT, beginning, eventsOf, goneEvent } from './event-text.js';
import type { Place } from './waits.js';

/** Images told at once, some 50 KB: all that is ever held for a client that is slow. */
export const EVENTS_AT_ONCE = 100;
/** Bytes that may wait for a client before more is read. */
const HIGH_WATER_BYTES = 64 * 1024;
/** A token that is no longer valid ends its stream after this long at most. */
const WAIT_SECONDS = 60;
/** An index that is away is asked again, since a browser whose stream has ended may find nobody to answer, and gives up. */
const AGAIN_AFTER_SECONDS = 1;

/** Everything that a stream takes. */
export interface EventStreamDeps {
  /** The answer to the request, which was read before. */
  readonly first: ListChanges;
  /** The point that the client came with. */
  readonly since: ChangePoint | null;
  readonly withShort: boolean;
  readonly read: (since: ChangePoint) => Promise<ListChanges | { readonly gone: GoneReason }>;
  /** Whether it may be tried again to read, after an error. */
  readonly mayGoOn: (error: unknown) => boolean;
  /** Whether the caller may still be told. */
  readonly isAllowed: () => Promise<boolean>;
  /** Takes a place to wait in, given what ends the stream at a stop; null if there is none. */
  readonly takePlace: (end: () => void) => Place | null;
  /** Has a function called when the client is gone; at once if it is. */
  readonly whenGone: (gone: () => void) => void;
  /** Cuts the connection of a client that has not taken all at a stop. */
  readonly cut: () => void;
  readonly onError: (error: unknown) => void;
}

async function orTrouble<T extends object>(reading: Promise<T>): Promise<T | { readonly error: unknown }> {
  return await reading.catch((error: unknown) => ({ error }));
}

/**
 * Streams changes as events until the client leaves, may no longer be told, or can't go on. What a client has not taken yet
 * holds up reading, so nothing is gathered for a slow one: it is told later, and of several changes only the last. Without
 * a place it is told what there is, and the stream ends.
 */
export function eventStream(deps: EventStreamDeps): ReadableStream<Uint8Array> {
  const { first, withShort, read, mayGoOn, isAllowed, takePlace, whenGone, cut, onError } = deps;
  let isOver = false;
  let resume: (() => void) | undefined;
  let place: Place | null = null;
  const encoder = new TextEncoder();

  const run = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const waitingBytes = () => HIGH_WATER_BYTES - (controller.desiredSize ?? HIGH_WATER_BYTES);
    const send = (text: string) => {
      if (!isOver) controller.enqueue(encoder.encode(text));
    };
    const beat = () => {
      if (waitingBytes() === 0) send(BEAT);
    };
    const taken = async () => {
      if (isOver || waitingBytes() < HIGH_WATER_BYTES) return;
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    };
    const stop = () => {
      if (isOver) return;
      const isTaken = waitingBytes() === 0;
      end();
      if (!isTaken) cut();
      controller.close();
    };

    place = takePlace(stop);
    whenGone(end);
    send(beginning(place !== null));
    let known = deps.since === null ? '' : writePoint(deps.since);
    let told = first;
    while (!isOver) {
      const next = writePoint(told.next);
      if (next === known) beat();
      else send(eventsOf(told, withShort));
      known = next;
      await taken();
      if (!told.hasMore) {
        if (place === null) break;
        await place.forOther(told.space, WAIT_SECONDS, beat);
      }
      if (isOver || !(await isAllowed())) break;
      const found = await orTrouble(read(told.next));
      if ('error' in found) {
        if (place === null || !mayGoOn(found.error)) throw found.error;
        await place.forOther(told.space, AGAIN_AFTER_SECONDS, beat);
        continue;
      }
      if ('gone' in found) {
        send(goneEvent(told.next, found.gone));
        break;
      }
      told = found;
    }
    if (isOver) return;
    end();
    controller.close();
  };

  const end = () => {
    isOver = true;
    place?.leave();
    resume?.();
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        run(controller).catch((error: unknown) => {
          const wasOver = isOver;
          end();
          onError(error);
          if (!wasOver) controller.close();
        });
      },
      pull: () => resume?.(),
      cancel: end,
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.length },
  );
}
