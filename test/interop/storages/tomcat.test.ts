import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled } from '../../support/process/installed.js';
import { startTomcat } from '../../support/servers/tomcat.js';
import { describeBlindSpots } from '../scene/blind-spots.js';
import { describeLife } from '../scene/life.js';
import { describeNames } from '../scene/names.js';
import { startScene, WHOLE } from '../scene/scene.js';
import { TOMCAT } from '../scene/servers.js';
import { createSettledTimes } from '../scene/settled-times.js';

describeNames(TOMCAT);
describeLife(TOMCAT);
describeBlindSpots(TOMCAT);

describeInstalled('a Tomcat that answers dates from memory, as it does by itself', [TOMCAT.missing], () => {
  it('shows a new image at once, and its dates are not taken for liars', async () => {
    const times = createSettledTimes();
    const scene = await startScene(
      { start: startTomcat, memoryMs: 0 },
      {
        async fill(directory) {
          for (const leaf of ['a', 'b', 'c']) {
            mkdirSync(join(directory, leaf));
            writeFileSync(join(directory, leaf, '1.ova'), leaf);
          }
          await times.settle(directory);
        },
      },
    );
    onTestFinished(scene.end);
    expect(await scene.sync('--full')).toMatchObject(WHOLE);
    // Somebody has just looked there, so Tomcat has the date in mind, and the names not.
    await fetch(`${scene.server.url}b/`, { method: 'PROPFIND', headers: { depth: '1' } });
    writeFileSync(join(scene.directory, 'b', '2.ova'), 'new');
    expect(await scene.sync('--full')).toMatchObject({ ...WHOLE, counts: { added: 1 } });
    await scene.expectTruth();
    // Ten seconds later, when it was looked at once more, the date was the new one.
    expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: 'learning', mismatches: 0 });
  });
});
