import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PROJECT } from '../../docs/documents.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { walkDocumented } from '../../support/process/documented-walk.js';

/** Six starts of the program, each of a second; a busy machine takes longer. */
const WITHIN_MS = 90_000;

it(
  'the first list comes by typing what the README says',
  async () => {
    const password = 'of the service account';
    const dav = await startDavServer({ auth: [{ username: 'svc-ovadex', password }] });
    onTestFinished(() => dav.close());
    dav.tree.put('jm/images/ubuntu.ova', { size: 10 });
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-walk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const each of ['dist', 'migrations', 'node_modules', 'package.json'])
      symlinkSync(join(PROJECT, each), join(folder, each));

    const typed = await walkDocumented({ folder, storage: dav.url, password, isFresh: false, withinMs: WITHIN_MS });
    const of = (word: string) => typed.find(({ line }) => line.includes(word))?.output ?? '';
    expect(of('config check')).toMatch(/ok +jm/);
    expect(of('ovadex images')).toContain('images/ubuntu.ova');
    expect(of('curl')).toContain('"path":"images/ubuntu.ova"');
  },
  WITHIN_MS,
);
