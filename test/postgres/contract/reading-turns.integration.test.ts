import { createReadingTurns } from '../../../src/postgres/write/reading-turns.js';
import { describeReadingTurns } from '../../contract/reading-turns.js';
import { makePgliteIndex } from '../pglite-index.js';

describeReadingTurns('PostgreSQL', async () => {
  const { clock, db, close } = await makePgliteIndex();
  return { clock, turns: createReadingTurns(db, () => clock.now), close };
});
