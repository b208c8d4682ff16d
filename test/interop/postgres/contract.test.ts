import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { createAuditLog } from '../../../src/postgres/write/audit-log.js';
import { createHostRegister } from '../../../src/postgres/write/host-register.js';
import { createLeadership } from '../../../src/postgres/write/leadership.js';
import { createLogInCounts } from '../../../src/postgres/write/log-in-counts.js';
import { createReadingTurns } from '../../../src/postgres/write/reading-turns.js';
import { createStorageOutages } from '../../../src/postgres/write/storage-outages.js';
import { createStoragePlaces } from '../../../src/postgres/write/storage-places.js';
import { describeAuditLog } from '../../contract/audit-log.js';
import { describeDescriptionStore } from '../../contract/description-store.js';
import { describeForgetting } from '../../contract/forget-user.js';
import { describeHeldList } from '../../contract/held-list.js';
import { describeHostRegister } from '../../contract/host-register.js';
import { describeImageCatalogue } from '../../contract/image-catalogue.js';
import { describeImageChanges } from '../../contract/image-changes.js';
import { describeImageIndex } from '../../contract/image-index.js';
import { describeImagePages } from '../../contract/image-pages.js';
import { describeImageSearch } from '../../contract/image-search.js';
import { describeIndexHistory } from '../../contract/index-history.js';
import { describeLeadership, describeSharedLeadership } from '../../contract/leadership.js';
import { describeLinkStore } from '../../contract/link-store.js';
import { describeLogInCounts } from '../../contract/log-in-counts.js';
import { describePathTraces } from '../../contract/path-traces.js';
import { describeReadingTurns } from '../../contract/reading-turns.js';
import { describeSpaceCondition } from '../../contract/space-condition.js';
import { describeSpacePages } from '../../contract/space-pages.js';
import { describeSpaceRegistry } from '../../contract/space-registry.js';
import { describeStorageOutages } from '../../contract/storage-outages.js';
import { describeStoragePlaces } from '../../contract/storage-places.js';
import { describeSyncLog } from '../../contract/sync-log.js';
import { describeSyncPages } from '../../contract/sync-pages.js';
import { describeSyncRequest } from '../../contract/sync-request.js';
import { describeTokenStore } from '../../contract/token-store.js';
import { describeWebhookStore } from '../../contract/webhook-store.js';
import { MIGRATIONS } from '../../postgres/index-ports.js';
import { type ServerIndexes, startIndexes } from '../../postgres/server-index.js';
import { withForgetting } from '../../postgres/with-forgetting.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';

describeInstalled('an index in a genuine PostgreSQL', [postgresMissing], () => {
  let indexes: ServerIndexes;
  const make = () => indexes.make();

  beforeAll(async () => {
    indexes = await startIndexes();
  });
  afterAll(() => indexes.stop());

  describeDescriptionStore('PostgreSQL', make);
  describeForgetting('PostgreSQL', async () => withForgetting(await make()));
  describeHeldList('PostgreSQL', make);
  describeImageCatalogue('PostgreSQL', make);
  describeImageChanges('PostgreSQL', make);
  describeImageIndex('PostgreSQL', make);
  describeImagePages('PostgreSQL', make);
  describeImageSearch('PostgreSQL', make);
  describeIndexHistory('PostgreSQL', make);
  describeLeadership('PostgreSQL', make);
  describeSharedLeadership('PostgreSQL', make);
  describe('the audit log of all hosts', () => {
    let index: Awaited<ReturnType<ServerIndexes['make']>>;
    afterEach(() => index.close());
    describeAuditLog(async (clock, kept) => {
      index = await indexes.make();
      return createAuditLog(index.db, clock, kept);
    });
  });
  describe('the register of hosts', () => {
    let index: Awaited<ReturnType<ServerIndexes['make']>>;
    afterEach(() => index.close());
    describeHostRegister(
      async () => {
        index = await indexes.make();
        return createHostRegister(index.db, MIGRATIONS.length);
      },
      (name, ms) => index.db.run('UPDATE hosts SET seen_at = seen_at - $2 WHERE name = $1', [name, ms]),
      (number) => index.db.run('INSERT INTO migrations VALUES ($1, $2, $2, 0)', [number, 'of-tomorrow']),
      MIGRATIONS.length,
      (holder, leaseMs) => createLeadership(index.db, Date.now).stand(holder, leaseMs),
    );
  });
  describeLinkStore('PostgreSQL', make);
  describeLogInCounts('PostgreSQL', async () => {
    const { clock, db, close } = await make();
    const host = () => createLogInCounts(db, () => clock.now);
    return { clock, hosts: [host(), host(), host()], close };
  });
  describePathTraces('PostgreSQL', make);
  describeSpaceCondition('PostgreSQL', make);
  describeSpacePages('PostgreSQL', make);
  describeSpaceRegistry('PostgreSQL', make);
  describeStorageOutages('PostgreSQL', async () => {
    const { clock, db, close } = await make();
    return { clock, outages: createStorageOutages(db, () => clock.now), close };
  });
  describeReadingTurns('PostgreSQL', async () => {
    const { clock, db, close } = await make();
    return { clock, turns: createReadingTurns(db, () => clock.now), close };
  });
  describeStoragePlaces('PostgreSQL', async () => {
    const { clock, db, close } = await make();
    return { clock, places: createStoragePlaces(db, () => clock.now), close };
  });
  describeSyncLog('PostgreSQL', make);
  describeSyncPages('PostgreSQL', make);
  describeSyncRequest('PostgreSQL', make);
  describeTokenStore('PostgreSQL', make);
  describeWebhookStore('PostgreSQL', make);
});
