import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { App, createApp } from '../../../src/app/app.js';
import { serve } from '../../../src/cli/commands/serve.js';
import { checkConfig } from '../../../src/config/load.js';
import { configFolder } from '../../config/config-folder.js';
import { captureIo } from '../captured-io.js';

type CreateApp = typeof createApp;
type Fail = (error: Error) => void;

async function runServe(app: Partial<App>, onCreate: (fail: Fail) => void = () => {}) {
  const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }\nlog: { level: error }' });
  const config = join(folder, 'ovadex.yaml');
  const io = captureIo();
  const stop = vi.fn(() => Promise.resolve());
  const start = vi.fn(() => Promise.resolve({ url: 'http://127.0.0.1:1' }));
  const create = vi.fn<CreateApp>((_config, { onFailure }) => {
    onCreate(onFailure ?? (() => {}));
    const nothing = () => Promise.resolve();
    return { start, stop, reload: nothing, reread: nothing, status: async () => 'well', check: nothing, ...app };
  });
  return {
    served: serve({ config }, io, {
      check: checkConfig,
      load: async () => ({ createApp: create }),
      examine: async () => [],
    }),
    io,
    start,
    stop,
    create,
    config,
  };
}

describe('ovadex serve', () => {
  test.each(['SIGTERM', 'SIGINT'])('serves until %s, then stops and exits with 0', async (signal) => {
    const { served, io, start, stop, create, config } = await runServe({});
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
    expect(create.mock.lastCall?.[1]).toMatchObject({ configFile: { path: config, named: [] } });
    expect(stop).not.toHaveBeenCalled();
    io.process.emit(signal);
    expect(await served).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
  });

  test('stops after a start that failed, and tells why', async () => {
    const { served, stop } = await runServe({ start: () => Promise.reject(new Error('port is taken')) });
    await expect(served).rejects.toThrow('port is taken');
    expect(stop).toHaveBeenCalledOnce();
  });

  test('ends when the crawler does', async () => {
    const { served, stop } = await runServe({}, (fail) => fail(new Error('the crawler has ended')));
    await expect(served).rejects.toThrow('the crawler has ended');
    expect(stop).toHaveBeenCalledOnce();
  });

  test('gives up stopping at a second signal', async () => {
    const { served, io, start } = await runServe({ stop: () => new Promise(() => {}) });
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
    io.process.emit('SIGTERM');
    io.process.emit('SIGTERM');
    expect(await served).toBe(143);
  });
});
