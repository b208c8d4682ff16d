import { describe, expect, test } from 'vitest';
import { acceptRemovals, keepImages, resumeSpace } from '../../../src/cli/commands/spaces.js';
import { NOW, spacesAfter } from '../spaces-scene.js';

describe('ovadex accept, keep and resume', () => {
  test('let held removals through, at once', async () => {
    const { ports, io, config, deps } = await spacesAfter({ lab: { heldRemovals: 40 } });
    expect(await acceptRemovals({ config, user: 'lab' }, io, deps)).toBe(0);
    expect((await ports.catalogue.space('lab'))?.nextSyncAt).toBeLessThanOrEqual(NOW);
  });

  test('keep them', async () => {
    const { ports, io, config, deps } = await spacesAfter({ lab: { heldRemovals: 40 } });
    expect(await keepImages({ config, user: 'lab' }, io, deps)).toBe(0);
    expect(io.out()).toContain('stay until the storage shows them again or their removal is accepted');
    expect((await ports.catalogue.space('lab'))?.isRemovalRefused).toBe(true);
    await expect(keepImages({ config, user: 'who' }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('try a suspended space again', async () => {
    const { ports, io, config, deps } = await spacesAfter({ zoe: { status: 'ERROR', isUnauthorized: true } });
    expect(await resumeSpace({ config, user: 'zoe' }, io, deps)).toBe(0);
    expect((await ports.catalogue.space('zoe'))?.trouble).toBeNull();
  });

  test('say why where there is nothing to do', async () => {
    const { io, config, deps, acts } = await spacesAfter({ jm: {} });
    await expect(acceptRemovals({ config, user: 'jm' }, io, deps)).rejects.toThrow('no removal is held');
    await expect(keepImages({ config, user: 'jm' }, io, deps)).rejects.toThrow('no removal is held');
    await expect(resumeSpace({ config, user: 'jm' }, io, deps)).rejects.toThrow('not suspended');
    await expect(resumeSpace({ config, user: 'who' }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
    expect(acts).toEqual([
      ['accept', { user: 'jm' }, 'refused: usage'],
      ['keep', { user: 'jm' }, 'refused: usage'],
      ['resume', { user: 'jm' }, 'refused: usage'],
      ['resume', { user: 'who' }, 'refused: not-found'],
    ]);
  });
});
