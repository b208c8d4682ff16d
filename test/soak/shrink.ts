import type { Change, History, Step } from './history.js';
import { plainNames } from './plain-names.js';

export interface ShrinkOptions {
  /** Whether a history still breaks the same invariant. */
  readonly fails: (history: History) => Promise<boolean>;
  /** For how long histories are tried. */
  readonly maxMs: number;
}

/** More don't make a counter-example shorter. */
const MAX_TRIES = 500;

/** The smallest history that is found to fail in the same way: steps are taken away, and what is left made simpler. */
export async function shrink(history: History, { fails, maxMs }: ShrinkOptions): Promise<History> {
  let smallest = history;
  let tries = 0;
  const endsAt = performance.now() + maxMs;
  const hasEnded = () => tries >= MAX_TRIES || performance.now() > endsAt;
  const accept = async (candidate: History): Promise<boolean> => {
    if (hasEnded() || JSON.stringify(candidate) === JSON.stringify(smallest)) return false;
    tries++;
    if (!(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };

  for (let before = ''; before !== JSON.stringify(smallest) && !hasEnded(); ) {
    before = JSON.stringify(smallest);
    await shrinkList(smallest.steps, (steps) => accept({ ...smallest, steps }));
    await shrinkList(smallest.tree, (tree) => accept({ ...smallest, tree }));
    for (let i = 0; i < smallest.steps.length; i++) {
      for (const simpler of simplerSteps(smallest.steps[i] as Step)) {
        await accept({ ...smallest, steps: smallest.steps.with(i, simpler) });
      }
    }
    for (const simpler of simplerPlans(smallest)) await accept({ ...smallest, ...simpler });
    await accept(plainNames(smallest));
  }
  return smallest;
}

/** Takes away halves, quarters and so on down to single items, from the end on. */
async function shrinkList<T>(items: readonly T[], accept: (fewer: readonly T[]) => Promise<boolean>): Promise<void> {
  let left = items;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = left.length; end > 0; end -= size) {
      const fewer = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)];
      if (await accept(fewer)) left = fewer;
    }
  }
}

function* without<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = items.length - 1; i >= 0; i--) yield items.toSpliced(i, 1);
}

function* simplerSteps(step: Step): Generator<Step> {
  switch (step.do) {
    case 'change':
      if (step.manner !== 'openly') yield { ...step, manner: 'openly' };
      for (const changes of without<Change>(step.changes)) yield { ...step, changes };
      return;
    case 'fault':
      for (const field of Object.keys(step.fault)) {
        const { [field as keyof typeof step.fault]: _gone, ...fault } = step.fault;
        if (field !== 'method' && Object.keys(fault).length > 1) yield { ...step, fault };
      }
      return;
    case 'sync':
      if (step.restMs !== 0) yield { ...step, restMs: 0 };
      if (step.kill !== null) yield { ...step, kill: null };
      for (const meanwhile of without(step.meanwhile)) yield { ...step, meanwhile };
      for (const targets of without(step.targets)) if (targets.length > 0) yield { ...step, targets };
      if (step.mode !== 'hint') yield { ...step, mode: 'full', trigger: 'command' };
      return;
    default:
  }
}

function* simplerPlans({ server, crawl }: History): Generator<Pick<History, 'server' | 'crawl'>> {
  yield { server: { ...server, properties: {} }, crawl };
  yield { server: { ...server, hrefs: 'path' }, crawl };
  yield { server: { ...server, auth: 'none', nonceLife: {} }, crawl };
  yield { server: { ...server, areMountsStill: false }, crawl };
  yield { server: { ...server, skewMs: 0 }, crawl };
  yield { server: { ...server, missing: '404' }, crawl };
  yield { server: { ...server, spelling: 'none', isSpellingItsOwn: false }, crawl };
  yield { server: { ...server, isSpellingItsOwn: false }, crawl };
  yield { server: { ...server, markers: 'apache', isOwncloudInName: false }, crawl };
  yield { server: { ...server, basePath: '/' }, crawl };
  yield { server, crawl: { ...crawl, requestsPerSpace: 1, requestsPerHost: 1 } };
  yield { server, crawl: { ...crawl, latencyMs: 0 } };
  yield { server, crawl: { ...crawl, maxDepth: 20 } };
}
