import type { PostgresServer } from '../../../support/servers/postgres.js';

/** Of a list of images: what was committed, and when; in ms since the epoch. */
export interface Version {
  readonly revision: number;
  /** Paths, in the order of their code units. */
  readonly paths: readonly string[];
  readonly committedAt: number;
}

/** All versions of each space's list that there were, in their order, by users. */
export type Truth = ReadonlyMap<string, readonly Version[]>;

/** For a server whose commits are dated. */
export const DATED_COMMITS = { track_commit_timestamp: 'on' };

/** Has the database itself keep each version of each list, as it is at the end of the transaction that makes it. */
const OBSERVE = `
  CREATE SCHEMA observed;
  CREATE TABLE observed.versions (space bigint, revision bigint, paths text, xid xid, PRIMARY KEY (space, revision, paths));
  CREATE FUNCTION observed.note() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO observed.versions
      SELECT NEW.id, NEW.revision,
        coalesce((SELECT json_agg(path ORDER BY path)::text FROM images WHERE space = NEW.id AND missing_since IS NULL), '[]'),
        pg_current_xact_id()::xid
    ON CONFLICT DO NOTHING;
    RETURN NULL;
  END $$;
  INSERT INTO observed.versions SELECT id, revision,
    coalesce((SELECT json_agg(path ORDER BY path)::text FROM images WHERE space = spaces.id AND missing_since IS NULL), '[]'), NULL
    FROM spaces;
  CREATE CONSTRAINT TRIGGER observe AFTER INSERT OR UPDATE ON spaces DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION observed.note();`;

/** Has the database note each lease that another takes before it has ended; who comes when is a matter of the database's clock. */
const OBSERVE_LEASES = `
  CREATE TABLE observed.takeovers (space bigint, former text, next text, early_ms float8);
  CREATE FUNCTION observed.note_takeover() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE early float8 := OLD.lease_until - extract(epoch FROM clock_timestamp()) * 1000;
  BEGIN
    IF OLD.lease_owner <> '' AND NEW.lease_owner <> '' AND NEW.lease_owner <> OLD.lease_owner AND early > 0 THEN
      INSERT INTO observed.takeovers VALUES (NEW.id, OLD.lease_owner, NEW.lease_owner, early);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER observe_leases AFTER UPDATE ON spaces FOR EACH ROW EXECUTE FUNCTION observed.note_takeover();`;
/** The times of two hosts, which both follow the database's, on a busy machine. */
const CLOCKS_DIFFER_BY_MS = 1_000;

/** A lease that was taken while it was another's. */
export interface Takeover {
  readonly former: string;
  readonly next: string;
  readonly early_ms: number;
}

/** Begins to note leases that are taken too early. The versions of lists have to be kept already. */
export async function observeLeases(query: PostgresServer['query']): Promise<void> {
  await query(OBSERVE_LEASES);
}

export async function readTakeovers(query: PostgresServer['query']): Promise<readonly Takeover[]> {
  const rows = await query('SELECT * FROM observed.takeovers WHERE early_ms > $1', [CLOCKS_DIFFER_BY_MS]);
  return rows as unknown as readonly Takeover[];
}

/** Begins to keep the versions of the lists of an index in a server's database. */
export async function observeLists(query: PostgresServer['query']): Promise<void> {
  await query(OBSERVE);
}

/** Returns all versions that there have been since they are kept. Throws if a revision had two lists. */
export async function readTruth(query: PostgresServer['query']): Promise<Truth> {
  const rows = await query(
    `SELECT user_name AS "user", versions.revision::float8, paths::json,
       count(*) OVER (PARTITION BY versions.space, versions.revision)::int AS lists,
       coalesce(extract(epoch FROM pg_xact_commit_timestamp(xid)) * 1000, 0)::float8 AS "committedAt"
     FROM observed.versions JOIN spaces ON spaces.id = versions.space ORDER BY versions.space, versions.revision`,
  );
  const truth = new Map<string, Version[]>();
  for (const row of rows) {
    const { user, lists, ...version } = row as unknown as Version & { readonly user: string; readonly lists: number };
    if (lists > 1) throw new Error(`revision ${version.revision} of ${user} had ${lists} lists`);
    const versions = truth.get(user) ?? [];
    versions.push({ ...version, paths: version.paths.toSorted() });
    truth.set(user, versions);
  }
  return truth;
}
