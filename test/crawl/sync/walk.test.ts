import { describe, expect, it } from 'vitest';
import { startWalk, type Walk } from '../../../src/crawl/sync/walk.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';

const path = (text: string) => text as ResourcePath;
const never = new AbortController().signal;

/** Visits that end when they are told to. */
function controlledVisits() {
  const open = new Map<ResourcePath, (children: ResourcePath[]) => void>();
  const failing = new Map<ResourcePath, (error: Error) => void>();
  const started: ResourcePath[] = [];
  return {
    started,
    open,
    visit: (collection: ResourcePath) => {
      started.push(collection);
      return new Promise<ResourcePath[]>((resolve, reject) => {
        open.set(collection, (children) => {
          open.delete(collection);
          resolve(children);
        });
        failing.set(collection, reject);
      });
    },
    end: (collection: string, ...children: string[]) => open.get(path(collection))?.(children.map(path)),
    fail: (collection: string) => failing.get(path(collection))?.(new Error(`visit of ${collection}`)),
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('startWalk', () => {
  it('visits everything once, never more at a time than allowed', async () => {
    const tree: Record<string, string[]> = { a: ['b', 'c', 'd'], b: ['e', 'f'], e: ['g'] };
    const visited: string[] = [];
    let atOnce = 0;
    let most = 0;
    const walk = startWalk({
      from: [path('a')],
      concurrency: 2,
      signal: never,
      visit: async (collection) => {
        visited.push(collection);
        atOnce += 1;
        most = Math.max(most, atOnce);
        await settled();
        atOnce -= 1;
        return (tree[collection] ?? []).map(path);
      },
    });
    await walk.done;
    expect(visited).toHaveLength(7);
    expect(new Set(visited)).toEqual(new Set('abcdefg'));
    expect(most).toBe(2);
  });

  it('ends at once when there is nothing to visit', async () => {
    await startWalk({ from: [], concurrency: 1, signal: never, visit: async () => [] }).done;
  });

  it('starts no visit after one has failed, waits for those under way, and rejects with the first error', async () => {
    const visits = controlledVisits();
    const walk = startWalk({ from: [path('a'), path('b'), path('c')], concurrency: 2, signal: never, ...visits });
    visits.fail('a');
    await settled();
    visits.end('b', 'x');
    await expect(walk.done).rejects.toThrow('visit of a');
    expect(visits.started).toEqual(['a', 'b']);
  });

  it('rejects with the reason of an abort', async () => {
    const visits = controlledVisits();
    const abort = new AbortController();
    const walk = startWalk({ from: [path('a')], concurrency: 1, signal: abort.signal, ...visits });
    abort.abort(new Error('enough'));
    visits.end('a', 'b');
    await expect(walk.done).rejects.toThrow('enough');
    expect(visits.started).toEqual(['a']);
  });

  describe('revisit', () => {
    const start = (concurrency: number): [ReturnType<typeof controlledVisits>, Walk] => {
      const visits = controlledVisits();
      return [visits, startWalk({ from: [path('a'), path('b')], concurrency, signal: never, ...visits })];
    };

    it('visits a collection before all that wait', async () => {
      const [visits, walk] = start(1);
      expect(walk.revisit(path('z'))).toBe(true);
      visits.end('a');
      await settled();
      expect(visits.started).toEqual(['a', 'z']);
      visits.end('z');
      await settled();
      visits.end('b');
      await walk.done;
    });

    it('visits one that is being visited again after that, not beside it', async () => {
      const [visits, walk] = start(2);
      walk.revisit(path('a'));
      await settled();
      expect(visits.started).toEqual(['a', 'b']);
      visits.end('b');
      visits.end('a');
      await settled();
      expect(visits.started).toEqual(['a', 'b', 'a']);
      visits.end('a');
      await walk.done;
    });

    it('is too late once the walk has ended', async () => {
      const [visits, walk] = start(2);
      visits.end('a');
      visits.end('b');
      await walk.done;
      expect(walk.revisit(path('a'))).toBe(false);
    });
  });
});
