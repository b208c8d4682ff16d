import type { OriginEvidence } from '../../domain/model/markers.js';
import type { SpaceContext } from '../../domain/policy/space-look.js';
import type { Session } from '../connection/database.js';

interface EvidenceRow extends OriginEvidence {
  readonly storage: string;
}

/** Reads what decides how spaces are looked at besides their own rows, by index. */
export async function readSpaceContext(session: Session): Promise<SpaceContext> {
  const evidence = await session.rows<EvidenceRow>(
    `SELECT storage, count(*) FILTER (WHERE subtree_evidence = 'seen') AS seen,
       count(*) FILTER (WHERE subtree_evidence = 'refuted') AS refuted
     FROM spaces WHERE subtree_evidence <> 'none' AND is_configured GROUP BY storage`,
  );
  const links = await session.rows<{ user: string; server: string }>('SELECT user_name AS "user", server FROM links');
  return {
    evidence: new Map(evidence.map(({ storage, seen, refuted }) => [storage, { seen, refuted }])),
    servers: new Map(links.map(({ user, server }) => [user, server])),
  };
}
