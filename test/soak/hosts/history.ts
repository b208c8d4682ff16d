import { type Chance, createChance } from '../chance.js';
import { describeHistory } from '../describe.js';
import { drawHistory } from '../draw/history.js';
import type { Theme } from '../draw/themes.js';
import type { Change, History, Meanwhile, Step } from '../history.js';
import { shrink } from '../shrink.js';

/** What happens to the spaces of one index, each with a storage and crawlers of its own. */
export interface HostsHistory {
  readonly seed: number;
  readonly spaces: readonly History[];
}

const SPACES = 2;
/** So often something happens to the hosts between two steps, and in the middle of a sync. */
const TROUBLE = 0.06;
const TROUBLE_MEANWHILE = 0.15;
/** Most syncs have sent that many requests. */
const EARLY_REQUESTS = 8;
/** So few removals nobody doubts. */
const FEW = 2;

export function drawHostsHistory(seed: number, only: readonly Theme[]): HostsHistory {
  const chance = createChance(seed + 3_000_017);
  const spaces = Array.from({ length: SPACES }, (_, at) => drawHistory(SPACES * seed + at, only));
  return { seed, spaces: spaces.map((history) => withTrouble(chance, history)) };
}

function withTrouble(chance: Chance, history: History): History {
  const steps = history.steps.flatMap((step): Step[] => {
    const before: Step[] = chance.happens(TROUBLE)
      ? [{ do: chance.pick(['kill api', 'revoke token', 'break connections'] as const) }]
      : [];
    if (step.do !== 'sync' || !chance.happens(TROUBLE_MEANWHILE)) return [...before, step];
    const at = chance.int(1, EARLY_REQUESTS);
    const trouble = chance.weigh<() => Meanwhile[]>(
      [3, () => [{ at, what: 'break connections' }]],
      [1, () => [{ at, what: 'kill api' }]],
      [3, () => takeOver(chance, history, at)],
    );
    return [...before, { ...step, meanwhile: [...step.meanwhile, ...trouble()] }];
  });
  return { ...history, steps };
}

/** Another crawler takes a sync over, and what the first has seen is no longer so: it must not write it when it goes on. */
function takeOver(chance: Chance, { tree }: History, at: number): Meanwhile[] {
  const files = tree.flatMap((change) => (change.kind === 'put' ? [change.path] : []));
  const changes = chance.some(files, FEW).map((path): Change => ({ kind: 'remove', path }));
  return [
    { at, what: 'change', changes },
    { at, what: 'steal' },
  ];
}

export function describeHostsHistory({ spaces }: HostsHistory): string {
  return spaces.map((history, at) => `space ${at + 1}\n${describeHistory(history)}`).join('');
}

const NOTHING: Pick<History, 'tree' | 'steps'> = { tree: [], steps: [] };

/** Takes away whole spaces first; what fails only sometimes is cut down as far as it fails again. */
export async function shrinkHosts(
  history: HostsHistory,
  fails: (smaller: HostsHistory) => Promise<boolean>,
  maxMs: number,
): Promise<HostsHistory> {
  let smallest = history;
  const withSpace = (at: number, space: History) => ({ ...smallest, spaces: smallest.spaces.with(at, space) });
  for (const [at, space] of history.spaces.entries()) {
    const without = withSpace(at, { ...space, ...NOTHING });
    if (await fails(without)) smallest = without;
  }
  for (const at of history.spaces.keys()) {
    const space = smallest.spaces[at] as History;
    const smaller = await shrink(space, {
      fails: (candidate) => fails(withSpace(at, candidate)),
      maxMs: maxMs / history.spaces.length,
    });
    smallest = withSpace(at, smaller);
  }
  return smallest;
}
