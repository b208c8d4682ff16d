import type { Database } from 'better-sqlite3';
import type { OriginEvidence } from '../../domain/model/markers.js';
import type { SpaceContext } from '../../domain/policy/space-look.js';

interface EvidenceRow extends OriginEvidence {
  readonly storage: string;
}

/** Creates the reading of what decides how spaces are looked at besides their own rows, by index. */
export function createSpaceContext(db: Database): () => SpaceContext {
  const evidence = db.prepare<[], EvidenceRow>(
    `SELECT storage, count(*) FILTER (WHERE subtree_evidence = 'seen') AS seen,
       count(*) FILTER (WHERE subtree_evidence = 'refuted') AS refuted
     FROM spaces WHERE subtree_evidence <> 'none' AND is_configured = 1 GROUP BY storage`,
  );
  const servers = db.prepare<[], [user: string, server: string]>('SELECT user, server FROM links').raw();
  return db.transaction(() => ({
    evidence: new Map(evidence.all().map(({ storage, seen, refuted }) => [storage, { seen, refuted }])),
    servers: new Map(servers.all()),
  }));
}
