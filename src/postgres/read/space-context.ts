import { type OriginEvidence, SPACES_TO_BELIEVE } from '../../domain/model/markers.js';
import type { Space } from '../../domain/model/space.js';
import { CONTEXTS_ONE_BY_ONE, type SpaceContext, storageOf } from '../../domain/policy/space-look.js';
import type { Session } from '../connection/database.js';

interface EvidenceRow extends OriginEvidence {
  readonly storage: string;
}

interface LinkRow {
  readonly user: string;
  readonly server: string;
}

const ALL_EVIDENCE_SQL = `SELECT storage, count(*) FILTER (WHERE subtree_evidence = 'seen') AS seen,
    count(*) FILTER (WHERE subtree_evidence = 'refuted') AS refuted
  FROM spaces WHERE subtree_evidence <> 'none' AND is_configured GROUP BY storage`;
const ALL_LINKS_SQL = 'SELECT user_name AS "user", server FROM links';

/** Spaces of a storage with this evidence, as far as they need be counted. */
const ofStorage = (evidence: string, atMost: number) => `
  (SELECT count(*) FROM
    (SELECT 1 FROM spaces
     WHERE spaces.storage = own.storage AND subtree_evidence = '${evidence}' AND subtree_evidence <> 'none' AND is_configured
     LIMIT ${atMost}) AS found)`;
const EVIDENCE_SQL = `SELECT storage, ${ofStorage('seen', SPACES_TO_BELIEVE)} AS seen, ${ofStorage('refuted', 1)} AS refuted
  FROM unnest($1::text[]) AS own (storage)`;
const LINKS_SQL = `${ALL_LINKS_SQL} WHERE user_name = ANY ($1)`;

/** Reads what decides how these spaces are looked at besides their own rows, by index. */
export async function readSpaceContext(
  session: Session,
  spaces: readonly Pick<Space, 'user' | 'url'>[],
): Promise<SpaceContext> {
  const ofAll = () => [session.rows<EvidenceRow>(ALL_EVIDENCE_SQL), session.rows<LinkRow>(ALL_LINKS_SQL)] as const;
  const ofThese = () => {
    const storages = [...new Set(spaces.map(({ url }) => storageOf(url)))];
    const users = spaces.map(({ user }) => user);
    return [session.rows<EvidenceRow>(EVIDENCE_SQL, [storages]), session.rows<LinkRow>(LINKS_SQL, [users])] as const;
  };
  const [evidence, links] = await Promise.all(spaces.length > CONTEXTS_ONE_BY_ONE ? ofAll() : ofThese());
  const shown = evidence.filter(({ seen, refuted }) => seen + refuted > 0);
  return {
    evidence: new Map(shown.map(({ storage, seen, refuted }) => [storage, { seen, refuted }])),
    servers: new Map(links.map(({ user, server }) => [user, server])),
  };
}
