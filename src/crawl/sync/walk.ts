import type { ResourcePath } from '../../domain/model/path.js';

/** A walk in progress. */
export interface Walk {
  /** Settles when every collection was visited; rejects with the first error of a visit, or the abort's reason. */
  readonly done: Promise<void>;
  /** Returns the number of collections that wait for their visit. */
  waiting(): number;
  /**
   * Visits this collection next, again if it was visited before; never twice at the same time. Returns false once the
   * walk has ended.
   */
  revisit(collection: ResourcePath): boolean;
  /** Visits it once no other is left, in the order in which they were named. */
  visitLast(collection: ResourcePath): void;
}

/**
 * Visits collections, at most `concurrency` at a time; each visit returns the collections to visit after it. Deepest
 * first, which keeps the list of waiting ones short: a breadth-first walk would hold the widest level of the tree.
 */
export function startWalk(options: {
  readonly from: readonly ResourcePath[];
  readonly concurrency: number;
  readonly visit: (collection: ResourcePath) => Promise<readonly ResourcePath[]>;
  readonly signal: AbortSignal;
}): Walk {
  const { concurrency, visit, signal } = options;
  const stack = [...options.from].reverse();
  const last: ResourcePath[] = [];
  const visiting = new Set<ResourcePath>();
  /** Collections asked for during their visit: what that visit sees may be older than the request. */
  const again = new Set<ResourcePath>();
  let failure: { readonly error: unknown } | null = null;
  let isOver = false;
  let settle: (failure: { readonly error: unknown } | null) => void;
  const done = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure === null ? resolve() : reject(failure.error));
  });

  const fail = (error: unknown) => {
    failure ??= { error };
    stack.length = 0;
    last.length = 0;
    again.clear();
  };

  const visitNext = async (collection: ResourcePath) => {
    visiting.add(collection);
    try {
      const children = await visit(collection);
      if (failure === null) for (const child of children) stack.push(child);
    } catch (error) {
      fail(error);
    }
    visiting.delete(collection);
    if (again.delete(collection)) stack.push(collection);
    advance();
  };

  const advance = () => {
    if (signal.aborted) fail(signal.reason);
    if (stack.length === 0 && visiting.size === 0) stack.push(...last.splice(0).reverse());
    while (visiting.size < concurrency) {
      const next = stack.pop();
      if (next === undefined) break;
      if (visiting.has(next)) again.add(next);
      else void visitNext(next);
    }
    if (visiting.size > 0 || isOver) return;
    isOver = true;
    settle(failure);
  };

  advance();
  return {
    done,
    waiting: () => stack.length + last.length,
    visitLast: (collection) => void last.push(collection),
    revisit: (collection) => {
      if (isOver || failure !== null) return false;
      stack.push(collection);
      advance();
      return true;
    },
  };
}
