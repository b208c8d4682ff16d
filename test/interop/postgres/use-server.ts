import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Cleanup, createCleanup } from '../../support/cleanup.js';
import { type PostgresServer, startPostgres } from '../../support/servers/postgres.js';

/**
 * Starts a server for the tests of a block, and ends it after them; to be called in the block. `prepare` is called once it
 * is there; `afterTest` is emptied after each test.
 */
export function useServer(prepare: (server: PostgresServer) => Promise<void> = async () => undefined): {
  readonly server: () => PostgresServer;
  readonly afterTest: Cleanup;
} {
  const cleanup = createCleanup();
  const afterTest = createCleanup();
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
    cleanup.add(server.stop);
    await prepare(server);
  });
  afterAll(cleanup.run);
  afterEach(afterTest.run);
  return {
    server() {
      if (server === undefined) throw new Error('the server is there once the tests of the block begin');
      return server;
    },
    afterTest,
  };
}
