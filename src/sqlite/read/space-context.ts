import type { Database } from 'better-sqlite3';
import { type OriginEvidence, SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import type { Space } from '../../domain/model/space.js';
import { CONTEXTS_ONE_BY_ONE, type SpaceContext, storageOf } from '../../domain/policy/space-look.js';

interface EvidenceRow extends OriginEvidence {
  readonly storage: string;
}

const hasShown = (spaces: string) => `${spaces}.subtree_evidence <> 'none' AND ${spaces}.is_configured = 1`;

/** Spaces of the same storage with this evidence, as far as they need be counted. */
const ofOrigin = (evidence: string, atMost: number) => `
  (SELECT count(*) FROM
    (SELECT 1 FROM spaces AS others
     WHERE others.storage = own.storage AND others.subtree_evidence = '${evidence}' AND ${hasShown('others')}
     LIMIT ${atMost}))`;

/** `OriginEvidence` of the storage of `own`: by index, and no more of it than `isSubtreeBelieved` needs to know. */
export const EVIDENCE_OF_ORIGIN = `${ofOrigin('seen', SPACES_TO_BELIEVE)} AS seen, ${ofOrigin('refuted', 1)} AS refuted`;

/** Goes from one storage to the next in the index: to read all spaces took 13 ms of 100,000. */
export const STORAGES_SQL = `
  WITH RECURSIVE own (storage) AS (
    SELECT (SELECT storage FROM spaces WHERE ${hasShown('spaces')} ORDER BY storage LIMIT 1)
    UNION ALL
    SELECT (SELECT next.storage FROM spaces AS next
      WHERE next.storage > own.storage AND ${hasShown('next')} ORDER BY next.storage LIMIT 1)
    FROM own WHERE own.storage IS NOT NULL)
  SELECT storage, ${EVIDENCE_OF_ORIGIN} FROM own WHERE storage IS NOT NULL`;

/** The same of these storages, a JSON array. */
export const EVIDENCE_OF_STORAGES_SQL = `
  SELECT storage, ${EVIDENCE_OF_ORIGIN} FROM (SELECT value AS storage FROM json_each(?)) AS own`;
/** Where these users, a JSON array, have connected a storage. */
export const SERVERS_OF_USERS_SQL = 'SELECT user, server FROM links WHERE user IN (SELECT value FROM json_each(?))';

/** Creates the reading of what decides how spaces are looked at besides their own rows, by index. */
export function createSpaceContext(db: Database): (spaces: readonly Pick<Space, 'user' | 'url'>[]) => SpaceContext {
  const evidence = db.prepare<[], EvidenceRow>(STORAGES_SQL);
  const servers = db.prepare<[], [user: string, server: string]>('SELECT user, server FROM links').raw();
  const evidenceOf = db.prepare<[string], EvidenceRow>(EVIDENCE_OF_STORAGES_SQL);
  const serversOf = db.prepare<[string], [user: string, server: string]>(SERVERS_OF_USERS_SQL).raw();
  const contextFrom = (rows: readonly EvidenceRow[], links: readonly [user: string, server: string][]) => {
    const shown = rows.filter(({ seen, refuted }) => seen + refuted > 0);
    return {
      evidence: new Map(shown.map(({ storage, seen, refuted }) => [storage, { seen, refuted }])),
      servers: new Map(links),
    };
  };
  return db.transaction((spaces: readonly Pick<Space, 'user' | 'url'>[]) => {
    if (spaces.length > CONTEXTS_ONE_BY_ONE) return contextFrom(evidence.all(), servers.all());
    const storages = [...new Set(spaces.map(({ url }) => storageOf(url)))];
    const users = spaces.map(({ user }) => user);
    return contextFrom(evidenceOf.all(JSON.stringify(storages)), serversOf.all(JSON.stringify(users)));
  });
}
