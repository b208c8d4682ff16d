import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveConfig, type LiveConfig } from '../../../src/app/settings/live-config.js';
import type { CheckedConfig } from '../../../src/config/load.js';
import type { Config } from '../../../src/config/schema.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { quietLogger } from '../../support/quiet-logger.js';

const of = (server: number, crawl: number) =>
  ({ server: { server }, crawl: { crawl }, spaces: [], discoveries: [], userFolders: [] }) as unknown as Config;
const checked = (config: Config, ...warnings: readonly string[]): CheckedConfig => ({ config, warnings, files: [] });

let directory: string;
let live: LiveConfig | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ovadex-live-'));
  writeFileSync(join(directory, 'ovadex.yaml'), '');
});
afterEach(async () => {
  await live?.end();
  rmSync(directory, { recursive: true, force: true });
});

/** A daemon whose file has, at each reading, the next of these. */
function scene(...readings: readonly (CheckedConfig | Error)[]) {
  const left = [...readings];
  const applied: Config[] = [];
  const path = join(directory, 'ovadex.yaml');
  const made = createLiveConfig(of(1, 1), {
    apply: async (next) => void applied.push(next),
    file: { path, named: [], warnings: ['odd'] },
    around: undefined,
    credentialsDirectory: undefined,
    logger: quietLogger,
    check: async () => {
      const reading = left.shift() ?? checked(of(1, 1));
      if (reading instanceof Error) throw reading;
      return reading;
    },
  });
  live = made;
  made.watch();
  return { live: made, applied, path };
}

describe('a configuration that is read again', () => {
  it('is applied, and it is told what differs and what waits for a restart', async () => {
    const { live, applied, path } = scene(checked(of(2, 2), 'odder'), checked(of(2, 2)));
    expect(live.standing()).toEqual({
      ...{ file: path, warnings: ['odd'], waitsForRestart: [], refused: null, pending: null },
    });
    expect(await live.rereadAndTell()).toEqual({
      ...{ state: 'applied', changed: ['server', 'crawl'], waitsForRestart: ['server'], warnings: ['odder'] },
      reason: null,
    });
    expect([applied, live.current()]).toEqual([[of(2, 2)], of(2, 2)]);
    expect(live.standing()).toMatchObject({ warnings: ['odder'], waitsForRestart: ['server'] });
    expect(await live.rereadAndTell()).toMatchObject({ state: 'applied', changed: [], waitsForRestart: ['server'] });
  });

  it('is refused if it is not valid, until it is', async () => {
    const { live, applied } = scene(new OvadexError('config', 'line 3: no such key'), checked(of(1, 1)));
    expect(await live.rereadAndTell()).toEqual({ state: 'refused', reason: 'line 3: no such key' });
    expect(live.standing()).toMatchObject({ refused: 'line 3: no such key', warnings: ['odd'] });
    expect([applied, live.current(), live.refusal()]).toEqual([[], of(1, 1), 'line 3: no such key']);
    expect(await live.rereadAndTell()).toMatchObject({ state: 'applied' });
    expect(live.refusal()).toBeNull();
  });

  it('is pending while something is in the way', async () => {
    const path = join(directory, 'ovadex.yaml');
    const made = createLiveConfig(of(1, 1), {
      apply: () => Promise.reject(new Error('a mistake')),
      file: { path, named: [] },
      ...{ around: undefined, credentialsDirectory: undefined, logger: quietLogger },
      check: async () => checked(of(1, 7)),
    });
    live = made;
    made.watch();
    expect(await made.rereadAndTell()).toMatchObject({
      ...{ state: 'pending', changed: ['crawl'], reason: expect.stringContaining('not in effect yet') as string },
    });
    expect([made.current(), made.standing().pending]).toEqual([of(1, 1), made.trouble()]);
  });

  it('is none if the daemon was started without a file', async () => {
    const none = createLiveConfig(of(1, 1), {
      apply: async () => {},
      ...{ file: undefined, around: undefined, credentialsDirectory: undefined, logger: quietLogger },
    });
    none.watch();
    await expect(none.rereadAndTell()).rejects.toMatchObject({ code: 'conflict' });
    await none.reread();
    expect(none.standing().file).toBeNull();
    await none.end();
  });
});
