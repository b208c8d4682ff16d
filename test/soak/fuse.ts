import type { Clock } from '../../src/domain/ports/clock.js';
import type { ImageIndex } from '../../src/domain/ports/image-index.js';
import type { RemoteStore } from '../../src/domain/ports/remote-store.js';
import type { SyncLog } from '../../src/domain/ports/sync-log.js';
import type { KillMoment } from './history.js';

/** Kills a process at a moment: from then on it does nothing more, not even fail. Or has it stand still for a while. */
export interface Fuse {
  readonly isDead: boolean;
  /** Settles when it is dead. */
  readonly died: Promise<void>;
  /** At the next moment of this kind; null takes it back. */
  arm(moment: KillMoment | null): void;
  /** Now. */
  kill(): void;
  /** From now on it asks nothing, and learns no answer, until it is woken; what was under way is done without it. */
  sleep(): void;
  wake(): void;
  /** The process's clock, by which a transaction can be left in its middle. */
  clock: Clock;
  /**
   * To be called before each statement for a database that other processes use as well, where transactions wait between
   * theirs: the process may die at it.
   */
  beforeStatement(): void;
  wrapLog(log: SyncLog): SyncLog;
  wrapIndex(index: ImageIndex): ImageIndex;
  wrapStore(store: RemoteStore): RemoteStore;
  /** What a dead process waits for. */
  unlessDead<T>(work: () => Promise<T>): Promise<T>;
}

/** So many statements of a call are sent before a process dies inside of it. */
const STATEMENTS_BEFORE = 2;

/** Leaves a transaction, which is rolled back as after a kill. */
class Killed extends Error {}

export function createFuse(clock: Clock): Fuse {
  let armed: KillMoment | null = null;
  let left = 0;
  let isDead = false;
  let isInside = false;
  /** Of calls that wait between their statements; 0: nobody dies in one. */
  let statementsLeft = 0;
  let awake: Promise<void> | null = null;
  let rouse: () => void = () => undefined;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const never = () => new Promise<never>(() => undefined);

  const kill = () => {
    isDead = true;
    armed = null;
    die();
  };

  /** Runs a call of a port; `isRequest` ones have no transaction and are left while they wait. */
  const guard = async <T>(call: KillMoment['call'], work: () => Promise<T>, isRequest = false): Promise<T> => {
    if (awake !== null) await awake;
    if (isDead) return never();
    const isDue = armed?.call === call && --left === 0;
    const when = isDue ? armed?.when : undefined;
    if (when === 'before') kill();
    if (isDead) return never();
    if (when === 'inside' && isRequest) setImmediate(kill);
    isInside = when === 'inside' && !isRequest;
    const isByStatement = isInside;
    if (isByStatement) statementsLeft = STATEMENTS_BEFORE + 1;
    try {
      const working = work(); // a transaction has ended when this returns
      isInside = false;
      const result = await working;
      if (awake !== null) await awake;
      // One that has fewer statements is left when all of them are done.
      const isAllSent = isByStatement && statementsLeft > 0 && statementsLeft <= STATEMENTS_BEFORE;
      if (when === 'after' || isAllSent) kill();
      return isDead ? never() : result;
    } catch (error) {
      if (awake !== null) await awake;
      if (error instanceof Killed) kill();
      if (isDead) return never();
      throw error;
    } finally {
      if (isByStatement) statementsLeft = 0;
    }
  };
  const unlessDead = async <T>(work: () => Promise<T>): Promise<T> => {
    if (awake !== null) await awake;
    if (isDead) return never();
    const result = await work();
    if (awake !== null) await awake;
    return isDead ? never() : result;
  };

  return {
    get isDead() {
      return isDead;
    },
    died,
    kill,
    unlessDead,
    sleep() {
      awake ??= new Promise((resolve) => {
        rouse = resolve;
      });
    },
    wake() {
      awake = null;
      rouse();
    },
    arm(moment) {
      armed = moment;
      left = moment?.nth ?? 0;
    },
    beforeStatement() {
      if (statementsLeft > 0 && --statementsLeft === 0) kill();
    },
    clock() {
      if (isInside) throw new Killed('killed');
      return clock();
    },
    wrapLog: (log) => ({
      ...log,
      request: (request) => unlessDead(() => log.request(request)),
      claim: (options) => guard('claim', () => log.claim(options)),
      claimUpTo: (...args) => guard('claim', () => log.claimUpTo(...args)),
      progress: (...args) => guard('progress', () => log.progress(...args)),
      finish: (...args) => guard('finish', () => log.finish(...args)),
      release: (lease) => unlessDead(() => log.release(lease)),
    }),
    wrapIndex: (index) => ({
      ...index,
      known: (...args) => guard('known', () => index.known(...args)),
      knownImages: (...args) => guard('known', () => index.knownImages(...args)),
      subtree: (...args) => guard('subtree', () => index.subtree(...args)),
      show: (...args) => guard('commit', () => index.show(...args)),
      shownImages: (...args) => unlessDead(() => index.shownImages(...args)),
      commit: (...args) => guard('commit', () => index.commit(...args)),
      prove: (...args) => guard('prove', () => index.prove(...args)),
      mountsBelow: (...args) => unlessDead(() => index.mountsBelow(...args)),
    }),
    wrapStore: (store) => ({
      ...store,
      list: (...args) => guard('list', () => store.list(...args), true),
      probe: (...args) => guard('probe', () => store.probe(...args), true),
      search: (...args) => guard('search', () => store.search(...args), true),
    }),
  };
}
