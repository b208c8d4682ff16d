import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installOvadex } from '../support/process/ovadex.js';
import { type ScriptedAnswer, startScriptedServer } from '../support/servers/scripted-server.js';

/** A storage that answers by a script, and what the program is to make of it; several come from other projects' bug reports. */
interface ScriptedStorage {
  readonly name: string;
  readonly steps: readonly Step[];
}

interface Step {
  /** By `<Depth> <path>`; what isn't there is 404. */
  readonly answers: Readonly<Record<string, { status: number; headers?: Record<string, string>; body?: string }>>;
  /** Flags of `ovadex sync`. */
  readonly sync: readonly string[];
  readonly expect: {
    readonly images?: readonly string[];
    readonly result?: string;
    readonly state?: string;
    /** Stands in what the command tells. */
    readonly says?: string;
  };
}

const FOLDER = new URL('../fixtures/crawl/', import.meta.url);

describe('a storage that answers by a script', () => {
  it.each(readdirSync(FOLDER))(
    '%s',
    async (file) => {
      const { steps } = JSON.parse(readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8')) as ScriptedStorage;
      let step = steps[0] as Step;
      const server = await startScriptedServer(({ target, headers }): ScriptedAnswer => {
        const {
          status,
          headers: sent = {},
          body = '',
        } = step.answers[`${headers['depth']} ${target}`] ?? { status: 404 };
        return { status, headers: sent, body: Buffer.from(body) };
      });
      const ovadex = await installOvadex();
      onTestFinished(ovadex.remove);
      ovadex.configure({ spaces: [{ user: 'jm', url: `${server.url}x/` }] });

      for (const [number, next] of steps.entries()) {
        step = next;
        const { stdout, stderr } = await ovadex.run('sync', '--user', 'jm', ...step.sync, '--json');
        const [sync] = (JSON.parse(stdout) as { syncs: { result: string }[] }).syncs;
        const { spaces } = JSON.parse((await ovadex.run('spaces', '--json')).stdout) as { spaces: { state: string }[] };
        const { images, result, state, says } = step.expect;
        const found = `step ${number}: ${stdout}${stderr}`;
        if (images !== undefined) expect(new Set(await ovadex.images('jm')), found).toEqual(new Set(images));
        if (result !== undefined) expect(sync?.result, found).toBe(result);
        if (state !== undefined) expect(spaces[0]?.state, found).toBe(state);
        if (says !== undefined) expect(`${stdout}${stderr}`).toContain(says);
      }
    },
    120_000,
  );
});
