import type { ClaimedSync } from '../../src/domain/ports/sync-log.js';
import { checkCondition } from './check/condition.js';
import { checkDoubtsEnd } from './check/doubts.js';
import { checkList } from './check/list.js';
import { checkWhatWasListed } from './check/listed.js';
import { createMemory, type Memory } from './check/memory.js';
import type { Segment, Snapshot } from './check/segment.js';
import { checkCounters, checkStillness, checkTruth } from './check/truth.js';
import { isMisleading } from './check/witness.js';
import type { CrawlerProcess } from './crawler-process.js';
import type { Meanwhile } from './history.js';
import { createInterruptions } from './interruptions.js';
import type { World } from './world.js';

/** Runs syncs one after the other, and holds each against what the storage said. */
export interface Runs {
  /** Claims the next sync and runs it; false where there is none, or the process died before. */
  next(meanwhile: readonly Meanwhile[]): Promise<boolean>;
  readonly memory: Memory;
  /** Syncs since the host became busy, each in a window of its own. */
  readonly underLoad: number;
  /** Full syncs in a row, up to the last one, that met changes and nothing but the truth. */
  readonly proofs: number;
  /** The last run. */
  readonly last: Segment | null;
}

interface Beginning {
  readonly version: number;
  isAllTrue: boolean;
}

export function createRuns(world: World): Runs {
  const { time, storage, witness, reader, tally } = world;
  const interruptions = createInterruptions(world);
  /** By the sync's id, when it was claimed first. */
  const beginnings = new Map<number, Beginning>();
  const memory = createMemory();
  let underLoad = 0;
  let busySince = Number.NEGATIVE_INFINITY;
  let proofs = 0;
  let truthSince: number | null = null;
  let last: Segment | null = null;

  const run = async (
    process: CrawlerProcess,
    claimed: ClaimedSync,
    before: Snapshot,
    meanwhile: readonly Meanwhile[],
  ) => {
    const { id } = claimed.sync;
    const beginning = beginnings.get(id) ?? { version: storage.version, isAllTrue: true };
    beginnings.set(id, beginning);
    const versionBefore = storage.version;
    const wasCalm = world.isCalm;
    const breaks = world.hosts?.breaks;
    countLoad();
    const evidence = witness.begin();
    const interrupted = interruptions.begin(process, claimed, meanwhile);
    const isWhole = await process.run(claimed, { isImpatient: world.isImpatient });
    const { isStolen, isDisturbed } = await interrupted.end();
    const isKilled = process.fuse.isDead;
    if (isKilled) await world.bury();
    tally.syncs++;

    const segment: Segment = {
      before,
      after: await world.snapshot(),
      claimed,
      sync: await reader.sync(id),
      // To a process that has lost the database its sync is as lost as by its own death.
      ending: isKilled || !isWhole ? 'killed' : isStolen ? 'stolen' : 'ran',
      evidence,
      memory,
      storage,
      versionBefore,
      isUrlNew: world.isUrlNew,
      isUrlDoubtful: world.isUrlDoubtful,
      isUndisturbed: wasCalm && world.isCalm && !isDisturbed && breaks === world.hosts?.breaks,
      syncBegan: { ...beginning },
    };
    last = segment;
    beginning.isAllTrue &&= evidence.answers.every(({ worth }) => worth === 'true' || worth === 'worthless');
    judge(segment);
    memory.note(segment);
    const { sync, after } = segment;
    if (segment.ending !== 'ran' || sync.status !== 'PROCESSED') return;
    world.isUrlNew = false;
    if (sync.mode !== 'hint' && sync.counts.failures === 0 && after.space.heldRemovals === null)
      world.isUrlDoubtful = false;
  };

  const countLoad = () => {
    const { load } = world;
    if (load === null) underLoad = 0;
    else if (underLoad === 0 || load.kind === 'rate' || time.steady() - busySince >= load.windowMs) {
      underLoad++;
      busySince = time.steady();
    }
  };
  /** Whether the markers have shown what is new in it. */
  const countProof = ({ claimed, evidence, sync }: Segment, isTrue: boolean) => {
    if (evidence.answers.some(({ worth }) => worth !== 'true')) proofs = 0;
    const isProof = claimed.sync.mode === 'full' && isTrue && sync.counts.added + sync.counts.removed > 0;
    if (isProof) proofs++;
  };

  const judge = (segment: Segment) => {
    checkList(segment);
    checkCounters(segment);
    if (!world.isImpatient) checkWhatWasListed(segment);
    checkCondition(segment, world);
    checkDoubtsEnd(segment);
    checkStillness(segment, truthSince);
    if (segment.evidence.answers.some(isMisleading)) truthSince = null;
    const isTrue = checkTruth(segment);
    countProof(segment, isTrue);
    if (!isTrue) return;
    tally.truths++;
    if (segment.claimed.sync.mode === 'incremental') {
      const listed = segment.evidence.listed().size;
      tally.skipped += Math.max(0, segment.after.known.size - listed);
      if (listed <= 1 && segment.after.known.size > 2) tally.oneRequest++;
    }
    if (segment.claimed.sync.mode !== 'full') return;
    truthSince = storage.version;
    if (!segment.claimed.isResumed) storage.trust();
  };

  return {
    memory,
    get underLoad() {
      return underLoad;
    },
    get proofs() {
      return proofs;
    },
    get last() {
      return last;
    },
    async next(meanwhile) {
      const process = await world.process();
      await world.settle();
      const before = await world.snapshot();
      const claimed = await process.claim();
      if (process.fuse.isDead) await world.bury();
      if (claimed === null) return false;
      await run(process, claimed, before, meanwhile);
      await time.pass(1);
      return !process.fuse.isDead;
    },
  };
}
