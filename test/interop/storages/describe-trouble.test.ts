import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sampleOvf } from '../../support/ovf/sample.js';
import { tarOf } from '../../support/ovf/tar.js';
import { describeInstalled } from '../../support/process/installed.js';
import { startReadingScene } from '../scene/reading-scene.js';
import { READING_SERVERS, WITHOUT_RANGES } from '../scene/reading-servers.js';
import { writeSparse } from '../scene/reading-tree.js';

/** When a file is replaced; one answer is all that a storage without ranges gives. */
const MOMENTS = [
  ['before its beginning is answered', 'first'],
  ['in the middle of the first answer', 'amid'],
  ['between two answers', 'between'],
] as const;

/** A descriptor longer than what is read at first, its name at the beginning and its networks at the end. */
function longDescriptor(name: string): string {
  const text = sampleOvf({ name, sections: `<AnnotationSection><Annotation>${name}</Annotation></AnnotationSection>` });
  const [start = '', end = ''] = text.split('</Envelope>');
  const filling = `<!-- ${'x'.repeat(60_000)} -->`;
  return `${start}${filling}<NetworkSection><Network ovf:name="${name}"/></NetworkSection></Envelope>${end}`;
}

/** Puts another archive in the place of the one that is there, at once, with the same size. */
function put(directory: string, name: 'old' | 'new', modifiedS: number): void {
  const file = join(directory, 'web.ova');
  const archive = tarOf([
    { name: 'web.ovf', data: longDescriptor(name) },
    { name: 'disk.vmdk', size: 5_000_000 },
  ]);
  writeSparse(`${file}.new`, archive, modifiedS);
  renameSync(`${file}.new`, file);
}

for (const server of [...READING_SERVERS, WITHOUT_RANGES]) {
  describeInstalled(`an image on ${server.name} that is replaced while it is read`, [server.missing], () => {
    it.each(server === WITHOUT_RANGES ? MOMENTS.slice(0, 2) : MOMENTS)(
      '%s: is described by its new content after the next listing, and never by a mix',
      async (_when, moment) => {
        const scene = await startReadingScene(server, (directory) => put(directory, 'old', 1_600_000_000));
        onTestFinished(scene.end);
        let replaced: () => void = () => undefined;
        const isReplaced = new Promise<void>((resolve) => {
          replaced = resolve;
        });
        const replace = async () => {
          scene.proxy.use({});
          await scene.change(() => put(scene.directory, 'new', 1_500_000_000));
          replaced();
        };
        scene.proxy.use(
          moment === 'amid'
            ? { amid: replace }
            : { asked: () => (scene.proxy.gets.length === (moment === 'first' ? 1 : 2) ? replace() : undefined) },
        );
        await scene.start();
        await isReplaced;
        const seen: unknown[] = [];
        const whatIs = async () => {
          const { ovf, state } = await scene.image('web.ova');
          const told = ovf === null ? state : [ovf.name, ovf.annotation, ovf.networks];
          if (JSON.stringify(told) !== JSON.stringify(seen.at(-1))) seen.push(told);
          return told;
        };
        await whatIs();
        await scene.sync();
        await expect.poll(whatIs, { timeout: 60_000, interval: 20 }).toEqual(['new', 'new', ['new']]);
        const allowed = ['unknown', ['old', 'old', ['old']], ['new', 'new', ['new']]];
        for (const told of seen) expect(allowed).toContainEqual(told);
      },
    );
  });
}

for (const server of READING_SERVERS) {
  describeInstalled(`a daemon that is killed while it reads images on ${server.name}`, [server.missing], () => {
    it('loses nothing, and reads nothing twice that it had stored', async () => {
      const scene = await startReadingScene(
        server,
        (directory) => {
          for (let at = 0; at < 80; at++) {
            const archive = tarOf([{ name: 'web.ovf', data: sampleOvf({ name: `web ${at}` }) }]);
            writeSparse(join(directory, `${at}.ova`), archive);
          }
        },
        { requestsAtOnce: 3 },
      );
      onTestFinished(scene.end);
      const moments = ['asked', 'amid', 'answered'] as const;
      let stored: ReadonlySet<string> = new Set();
      for (let kill = 0; kill < 9; kill++) {
        scene.proxy.forget();
        const moment = moments[kill % moments.length];
        let begin: () => void = () => undefined;
        const hasBegun = new Promise<void>((resolve) => {
          begin = resolve;
        });
        let killed: Promise<void> | null = null;
        const act = () => {
          if (scene.proxy.gets.length >= 2 + (kill % 7)) killed ??= scene.kill();
        };
        scene.proxy.use({
          // Nothing is read before the start is over.
          asked: () => hasBegun.then(moment === 'asked' ? act : undefined),
          ...(moment === 'asked' ? {} : { [moment ?? 'amid']: act }),
        });
        await scene.start();
        begin();
        await vi.waitUntil(() => killed !== null, { timeout: 60_000 });
        await killed;
        const asked = new Set(scene.proxy.gets.map(({ path }) => path));
        expect([...stored].filter((path) => asked.has(path))).toEqual([]);
        const now = await scene.stored();
        expect([...stored].filter((path) => !now.has(path))).toEqual([]);
        stored = now;
      }
      expect(stored.size).toBeGreaterThan(0);
      expect(stored.size).toBeLessThan(80);
      scene.proxy.use({});
      scene.proxy.forget();
      await scene.start();
      await scene.untilRead();
      const rest = scene.proxy.gets.map(({ path }) => path);
      expect(rest.filter((path) => stored.has(path))).toEqual([]);
      expect(rest).toHaveLength(80 - stored.size);
      expect(Object.values(await scene.states())).toEqual(Array(80).fill('ok'));
    });
  });
}
