/** Returns the rows of a statement. */
type Ask = (sql: string) => Promise<readonly object[]>;

/** Spaces whose counters are not what counting says. */
const COUNTERS_SQL = `SELECT * FROM (
    SELECT spaces.id, images, collections, described_images, waiting_images,
      (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL) AS images_counted,
      (SELECT count(*) FROM collections WHERE space = spaces.id) AS collections_counted,
      (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL AND is_settled AND state > 0) AS described_counted,
      (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL AND is_settled AND state IS NULL) AS waiting_counted
    FROM spaces
  ) AS both_ways
  WHERE images <> images_counted OR collections <> collections_counted OR described_images <> described_counted
    OR waiting_images <> waiting_counted`;
/** Images whose last change lies behind the revision of their space, or whose reading is of another content. */
const REVISIONS_SQL = `SELECT images.path FROM images JOIN spaces ON spaces.id = space LEFT JOIN descriptions ON image = images.id
  WHERE changed_in > revision OR (state IS NULL) <> (image IS NULL)`;

/** Returns the spaces and images of an index in PostgreSQL of which its rows say two things. */
export async function countedWrong(ask: Ask): Promise<readonly object[]> {
  return [...(await ask(COUNTERS_SQL)), ...(await ask(REVISIONS_SQL))];
}
