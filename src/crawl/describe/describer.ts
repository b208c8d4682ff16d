import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { OtherDate } from '../../domain/description/date-habit.js';
import type { ReadingCost } from '../../domain/description/reading.js';
import type { SpaceSettings } from '../../domain/model/space.js';
import {
  chargeReading,
  type PaidAt,
  type ReadingLimits,
  settleReading,
  waitBeforeReading,
} from '../../domain/policy/reading-pace.js';
import { pauseAfterReadings, type ReadingTrouble, troubleOfReading } from '../../domain/policy/reading-retry.js';
import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { DescriptionStore, ImageToRead } from '../../domain/ports/description-store.js';
import type { ReadableStore } from '../../domain/ports/remote-store.js';
import { tellOnce } from '../news/tell-once.js';
import { createBatches } from './batches.js';
import { createDateHabits, type DateHabits } from './date-habits.js';
import { createPauses, keyOfImage, keyOfSpace } from './pauses.js';
import { type ReadImage, type ReadOutcome, readOne } from './read-one.js';
import { createOwnTurns, type TurnsDeps } from './reading-turns.js';

/** Reads what images are, after syncs and at leisure: what is still to be read stands in the index. */
export interface Describer {
  /** Looks into this space soon: a sync of it has ended. */
  look(spaceId: number): void;
  /** Ends the readings; what they had not stored is read anew after the next start. */
  stop(): Promise<void>;
}

export type ReadableFiles = Pick<ReadableStore, 'read' | 'close'>;

/** A space that may be read. */
export interface DescribedSpace {
  readonly id: number;
  readonly settings: SpaceSettings;
}

/** What reads images, how fast it may, and where that is kept. */
export interface DescribeDeps {
  readonly limits: ReadingLimits;
  readonly descriptions: Pick<DescriptionStore, 'toRead' | 'spacesToRead' | 'store'>;
  readonly turns: TurnsDeps['turns'];
  readonly readImage: ReadImage;
  /** Opens the files of a space. */
  readonly open: (settings: SpaceSettings) => ReadableFiles;
}

export interface DescriberDeps extends DescribeDeps {
  /** Returns the spaces that may be read; their order doesn't matter. */
  readonly spaces: () => readonly DescribedSpace[];
  readonly find: (spaceId: number) => DescribedSpace | null;
  /** Whether a space has to wait: a sync of it runs, its storage is in trouble, or its credentials were refused. */
  readonly mustWait: (space: DescribedSpace) => Promise<boolean>;
  /** This process among those that share `turns`. */
  readonly owner: string;
  readonly onRead?: (outcome: ReadOutcome['kind'], cost: ReadingCost) => void;
  readonly steadyClock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** How often all spaces are looked at: for those that had to wait, and for what other processes have found. */
const LOOK_EVERY_MS = 60_000;
/** As many images as are read of a space before it is another one's turn: one log-in by Digest serves them all. */
const IMAGES_IN_A_TURN = 10;

/** What is being read of one storage. */
interface Lane {
  /** Spaces in the order of their turns. */
  readonly waiting: Set<number>;
  workers: number;
  /** What the workers have brought since the first of them began. */
  read: number;
  bytes: number;
}

export function createDescriber(deps: DescriberDeps): Describer {
  const { descriptions, limits, steadyClock, logger } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal); // each storage waits for it; so many listeners are no leak
  const lanes = new Map<string, Lane>();
  const paidAt = new Map<string, PaidAt>();
  const pauses = createPauses(steadyClock);
  const batches = createBatches(descriptions, steadyClock);
  const turns = createOwnTurns(deps);
  /** null until an image is seen to be dated otherwise than it was listed, as hardly any storage does. */
  let habits: DateHabits | null = null;
  /** How many images of each space are passed over, so that those behind them are reached. */
  const passedOver = new Map<number, Set<string>>();
  const inHand = new Set<number>();
  const working = new Set<Promise<void>>();
  const trouble = tellOnce(logger, {
    begun: 'could not look for images to read; trying again',
    over: 'looking for images to read works again',
  });

  const originOf = ({ settings }: DescribedSpace) => new URL(settings.url).origin;
  const laneOf = (origin: string): Lane => {
    const lane = lanes.get(origin) ?? { waiting: new Set(), workers: 0, read: 0, bytes: 0 };
    lanes.set(origin, lane);
    return lane;
  };

  const enqueue = (space: DescribedSpace) => {
    const origin = originOf(space);
    if (signal.aborted || pauses.isPaused(origin) || pauses.isPaused(keyOfSpace(space.id))) return;
    const lane = laneOf(origin);
    lane.waiting.add(space.id);
    while (lane.workers < limits.requestsAtOnce) startWorker(origin, lane);
  };
  const startWorker = (origin: string, lane: Lane) => {
    lane.workers++;
    // Begins once all that is known to wait is in line.
    const work = Promise.resolve()
      .then(() => workThrough(origin, lane))
      .then(trouble.over, (error: unknown) => {
        if (!signal.aborted) trouble.note(error);
      })
      .then(async () => {
        if (--lane.workers === 0) await endLane(origin, lane);
        working.delete(work);
      });
    working.add(work);
  };
  const endLane = async (origin: string, lane: Lane) => {
    lanes.delete(origin);
    if (lane.read > 0) {
      logger.info({ host: origin, images: lane.read, bytes: lane.bytes }, 'read what images are');
    }
    await turns.end(origin);
  };

  /** One worker of a storage: takes the spaces in turn until none has anything left; several may be at one space. */
  const workThrough = async (origin: string, lane: Lane): Promise<void> => {
    await haveTurn(origin, lane);
    for (const spaceId of takeInTurn(lane.waiting)) {
      const space = deps.find(spaceId);
      if (space === null || originOf(space) !== origin) continue;
      lane.waiting.add(spaceId); // at the end, behind all others
      if (!(await readSome(origin, lane, space))) lane.waiting.delete(spaceId);
      if (pauses.isPaused(origin)) lane.waiting.clear();
      else await haveTurn(origin, lane);
    }
  };

  /** Waits until no other crawler reads of a storage; what that one has read waits no longer. */
  const haveTurn = async (origin: string, lane: Lane): Promise<void> => {
    if (!(await turns.wait(origin, signal))) return;
    const unread = await descriptions.spacesToRead([...lane.waiting]);
    for (const id of lane.waiting) {
      batches.drop(id);
      if (!unread.has(id)) lane.waiting.delete(id);
    }
  };

  /** Reads some images of a space; returns whether there are more. */
  const readSome = async (origin: string, lane: Lane, space: DescribedSpace): Promise<boolean> => {
    const store = deps.open(space.settings);
    try {
      for (let turn = 0; turn < IMAGES_IN_A_TURN; turn++) {
        await pay(origin);
        if (!(await turns.isOurs(origin))) return true;
        const image = await nextOf(space);
        if (image === null) {
          settle(origin, 0);
          return false;
        }
        try {
          await read(origin, lane, space, image, store);
        } catch (error) {
          // Once it is the index; if it is the same image again, others wait behind it.
          passOver(space.id, image, 1);
          throw error;
        } finally {
          inHand.delete(image.id);
        }
        if (pauses.isPaused(origin)) return false;
      }
      return true;
    } finally {
      await store.close();
    }
  };

  /** Takes the first image that is neither being read nor has to wait; null if there is none, or the space has to wait. */
  const nextOf = async (space: DescribedSpace): Promise<ImageToRead | null> => {
    if (pauses.isPaused(originOf(space)) || pauses.isPaused(keyOfSpace(space.id))) return null;
    if (await deps.mustWait(space)) return null;
    const over = passedOver.get(space.id) ?? new Set();
    for (const key of over) if (!pauses.isPaused(key)) over.delete(key);
    if (over.size === 0) passedOver.delete(space.id);
    // At once: another worker may ask in the same moment.
    const claim = (each: ImageToRead) => {
      if (inHand.has(each.id) || pauses.isPaused(keyOfImage(each))) return false;
      inHand.add(each.id);
      return true;
    };
    return await batches.take(space.id, claim, over.size + inHand.size);
  };

  /** Waits until the storage may be asked for the next bytes. */
  const pay = async (origin: string): Promise<void> => {
    const now = steadyClock();
    const before = paidAt.get(origin) ?? now;
    paidAt.set(origin, chargeReading(before, now, limits));
    const waitMs = waitBeforeReading(before, now);
    if (waitMs > 0) await deps.sleep(waitMs, signal);
  };
  const settle = (origin: string, bytes: number) =>
    void paidAt.set(origin, settleReading(paidAt.get(origin) ?? steadyClock(), bytes, limits));

  const read = async (origin: string, lane: Lane, space: DescribedSpace, image: ImageToRead, store: ReadableFiles) => {
    const placed = { origin, spaceId: space.id, key: keyOfImage(image) };
    let spent: ReadingCost = { requests: 0, bytes: 0 };
    let otherDate: OtherDate | null = null;
    const onEnd = (cost: ReadingCost, other: OtherDate | null) => {
      [spent, otherDate] = [cost, other];
      lane.bytes += cost.bytes;
      settle(origin, cost.bytes);
    };
    const reading = { store, descriptions, readImage: deps.readImage, habits: habits?.of(placed) ?? [], onEnd };
    const outcome = await readOne(space.id, image, reading, signal);
    deps.onRead?.(outcome.kind, spent);
    const isRead = outcome.kind === 'described' || outcome.kind === 'broken';
    if (isRead) lane.read++;
    if (otherDate !== null) habits ??= createDateHabits();
    if (isRead || outcome.kind === 'changed') habits?.note(placed, otherDate, isRead);
    if (outcome.kind === 'failed') {
      leaveAlone(troubleOfReading(outcome.failure), origin, space, image, outcome.detail);
      return;
    }
    for (const key of [origin, keyOfSpace(space.id)]) pauses.end(key);
    if (!isRead) passOver(space.id, image);
  };

  const leaveAlone = (
    kind: ReadingTrouble,
    origin: string,
    space: DescribedSpace,
    image: ImageToRead,
    detail: string,
  ) => {
    if (kind === 'image') {
      logger.debug({ user: space.settings.user, detail }, 'could not read an image');
      return passOver(space.id, image);
    }
    const key = kind === 'storage' ? origin : keyOfSpace(space.id);
    const pauseMs = pauses.begin(key, (failures) => pauseAfterReadings(kind, failures));
    const facts = { host: origin, user: space.settings.user, detail, pauseMs };
    if (kind === 'storage') logger.info(facts, 'could not read images of a storage; trying again after a pause');
    else logger.warn(facts, 'the storage refused to let an image be read with credentials that it lists with');
  };
  /** Leaves an image that can't be read now, or that is another one by now: the next listing tells. Some failures are forgiven. */
  const passOver = (spaceId: number, image: ImageToRead, forgiven = 0) => {
    const key = keyOfImage(image);
    const pauseOf = (failures: number) => (failures <= forgiven ? 0 : pauseAfterReadings('image', failures - forgiven));
    pauses.begin(key, pauseOf);
    passedOver.set(spaceId, (passedOver.get(spaceId) ?? new Set()).add(key));
  };

  const lookAround = async (): Promise<void> => {
    const spaces = deps.spaces();
    const waiting = await descriptions.spacesToRead(spaces.map(({ id }) => id));
    for (const space of spaces) if (waiting.has(space.id)) enqueue(space);
  };
  const keepLooking = async (): Promise<void> => {
    while (!signal.aborted) {
      await lookAround().then(trouble.over, trouble.note);
      await deps.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  };
  const looking = keepLooking();

  return {
    look(spaceId) {
      habits?.synced(spaceId);
      batches.drop(spaceId);
      const space = deps.find(spaceId);
      if (space !== null) enqueue(space);
    },
    async stop() {
      stopping.abort(new Error('stopping'));
      await looking;
      await Promise.all(working);
    },
  };
}

/** Takes one after the other, those that are added meanwhile too. */
function* takeInTurn(waiting: Set<number>): Generator<number> {
  for (let [next] = waiting; next !== undefined; [next] = waiting) {
    waiting.delete(next);
    yield next;
  }
}
