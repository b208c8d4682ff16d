import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What one look at a thread found. */
export interface LoadLook {
  /** The share of the time since the last look in which the thread was busy, from 0 to 1. */
  readonly utilization: number;
  /** The heap's memory, used or not. */
  readonly heapBytes: number;
  /** The heap's memory after the last collection that was asked for, or at the first look. */
  readonly restingBytes: number;
}

const EVERY_MS = 10_000;
/** A thread that works less is at rest: a few requests a second, or looks at schedules. */
const RESTING_UTILIZATION = 0.03;
/** Less is not worth a pause, which takes some tens of ms. */
const WORTH_BYTES = 12 * 1024 * 1024;

/** Whether it is time to give memory back: the load is over, and its garbage is still there. */
export function isAfterLoad({ utilization, heapBytes, restingBytes }: LoadLook): boolean {
  return utilization < RESTING_UTILIZATION && heapBytes - restingBytes > WORTH_BYTES;
}

/**
 * Has this thread's garbage collected once it rests from a load. V8 collects when a program asks for more memory: one
 * that has nothing to do keeps what it had at its busiest, for days. `forget` drops what is kept for requests to come; the
 * thread is looked at every `everyMs`. Returns a function that ends it.
 */
export function giveMemoryBackAfterLoad(forget: () => void, everyMs = EVERY_MS): () => void {
  let restingBytes = heapBytes();
  let since = performance.eventLoopUtilization();
  const look = () => {
    const { utilization } = performance.eventLoopUtilization(since);
    since = performance.eventLoopUtilization();
    if (!isAfterLoad({ utilization, heapBytes: heapBytes(), restingBytes })) return;
    forget();
    collect();
    restingBytes = heapBytes();
  };
  const timer = setInterval(look, everyMs).unref();
  return () => clearInterval(timer);
}

function heapBytes(): number {
  return getHeapStatistics().total_heap_size;
}

let gc: (() => void) | null = null;

/** Collects twice: what is found to be free by the first time is given to the system by the second. */
function collect(): void {
  gc ??= readGc();
  gc();
  gc();
}

/** The flag is of all threads and stays set: one that unsets it would do so while another one is about to use it. */
function readGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
