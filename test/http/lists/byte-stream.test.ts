import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { byteStream } from '../../../src/http/lists/byte-stream.js';

const CHUNK = new Uint8Array(64 * 1024);

/** A source of so many chunks that tells how far it has come. */
function createSource(chunks: number, failAt = -1) {
  const state = { made: 0, isEnded: false };
  async function* make(): AsyncGenerator<Uint8Array, void> {
    try {
      for (; state.made < chunks; state.made++) {
        if (state.made === failAt) throw new Error('the disk is gone');
        yield CHUNK;
      }
    } finally {
      state.isEnded = true;
    }
  }
  return { state, source: make() };
}

const neverCut = () => expect.unreachable();

describe('a stream of bytes', () => {
  it('has all of them and ends the source', async () => {
    const { state, source } = createSource(50);
    const bytes = await new Response(byteStream(source, neverCut)).arrayBuffer();
    expect(bytes.byteLength).toBe(50 * CHUNK.length);
    expect(state).toEqual({ made: 50, isEnded: true });
  });

  it('makes no more than the client takes, at first, and then all, so that the source ends', async () => {
    const { state, source } = createSource(50);
    const reader = byteStream(source, neverCut, { holdMs: 300 }).getReader();
    await reader.read();
    await expect.poll(() => state.made).toBeGreaterThan(3);
    expect(state.made).toBeLessThan(10);
    await expect.poll(() => state).toEqual({ made: 50, isEnded: true });
    await reader.cancel();
  });

  it('ends the source when the client goes', async () => {
    const { state, source } = createSource(50);
    const reader = byteStream(source, neverCut).getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => state.isEnded).toBe(true);
    expect(state.made).toBeLessThan(10);
  });

  it('cuts a client that takes nothing, and one that takes all is let be', async () => {
    let cuts = 0;
    const { state, source } = createSource(50);
    const stream = byteStream(
      source,
      () => {
        cuts++;
        void stream.cancel();
      },
      { paceMs: 30 },
    );
    await expect.poll(() => cuts).toBe(1);
    await expect.poll(() => state.isEnded).toBe(true);
  });

  it('cuts nobody after the end, however it came', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    await new Response(byteStream(createSource(50).source, neverCut)).arrayBuffer();
    await expect(new Response(byteStream(createSource(50, 20).source, neverCut)).arrayBuffer()).rejects.toThrow();
    const reader = byteStream(createSource(50).source, neverCut).getReader();
    await reader.read();
    await reader.cancel();
    await new Response(byteStream(createSource(0).source, neverCut)).arrayBuffer();
    await expect(new Response(byteStream(createSource(50, 0).source, neverCut)).arrayBuffer()).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['at first', 50],
    ['with its last part', 5],
  ])(
    'ends the source of a client that takes nothing %s once, whether the cut ends the stream or not',
    async (_, chunks) => {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      const { state, source } = createSource(chunks);
      const cut = vi.fn();
      byteStream(source, cut, { paceMs: 1_000 });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(cut).toHaveBeenCalledTimes(1);
      expect(state.isEnded).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('fails where the source does', async () => {
    const { source } = createSource(50, 20);
    await expect(new Response(byteStream(source, neverCut)).arrayBuffer()).rejects.toThrow('the disk is gone');
  });
});
