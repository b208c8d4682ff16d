import { basename } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled } from '../../support/process/installed.js';
import { imagesOnDisk, plainUrlPathOf, urlPathOf } from './disk-truth.js';
import { filesThatDiffer } from './fetch-files.js';
import { writeEachName } from './names-tree.js';
import { startScene } from './scene.js';
import type { Server } from './servers.js';

/** Names one by one: exactly those are missing that the server itself can't tell or doesn't answer to. */
export function describeNames(server: Server): void {
  describeInstalled(`awkward names on ${server.name}`, [server.missing], () => {
    it('are listed but for those that the server hides itself, and lead to their files', async () => {
      const fill = (directory: string) => writeEachName(directory, server.leaveOut);
      const scene = await startScene(server, { fill });
      onTestFinished(scene.end);
      await scene.sync('--full');
      const shown = await scene.images();
      const onDisk = await imagesOnDisk(scene.directory);
      const missing = onDisk.filter((path) => !shown.includes(path));
      expect(namesOf(missing.filter(isOfImage))).toEqual(inOrder(server.hides.images));
      expect(namesOf(missing.filter((path) => !isOfImage(path)))).toEqual(inOrder(server.hides.collections));
      expect(namesOf(shown.filter((path) => !onDisk.some((each) => each === path)))).toEqual(inOrder(server.invents));

      const withheld = server.withholds.map((name) => `${name}.ova`);
      const reachable = onDisk.filter((path) => shown.includes(path) && !withheld.includes(basename(path)));
      const urlPath = server.wantsPlainUrls ? plainUrlPathOf : urlPathOf;
      expect(await filesThatDiffer(scene.server.url, scene.directory, reachable, urlPath)).toEqual([]);
    });
  });
}

/** `names/7/NAME.ova` is that of an image, `names/7/NAME/inside.ova` that of a collection. */
const isOfImage = (path: string) => !path.endsWith('/inside.ova');

function namesOf(paths: readonly string[]): readonly string[] {
  return inOrder(
    paths.map((path) => {
      const [, name = ''] = /^names\/\d+\/([\s\S]*?)(?:\/inside)?\.ova$/.exec(path) ?? [];
      return name;
    }),
  );
}

function inOrder(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}
