import { expect, it } from 'vitest';
import { killCluster } from '../../kills/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { postgresMissing } from '../../support/servers/postgres.js';

/** More of them by `npm run test:kills -- --cluster`. */
const KILLS = 5;
/** Draws a host that answers, a crawler and a process of the database. */
const SEED = 5;

describeInstalled('a cluster whose processes are killed', [postgresMissing, apacheMissing], () => {
  it('tells nobody anything wrong, syncs no space twice at a time, and is right in the end', async () => {
    const tally = await killCluster({ times: KILLS, seed: SEED });
    expect(tally).toMatchObject({ kills: KILLS, agreed: 1 });
    expect(Math.min(tally.apis, tally.crawlers, tally.backends + tally.postmasters)).toBeGreaterThan(0);
    expect(Math.min(tally.answers, tally.versions, tally.syncs)).toBeGreaterThan(0);
  });
});
