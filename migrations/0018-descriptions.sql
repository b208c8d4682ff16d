-- What images are, read out of themselves: the short form that lists show, filter and order by, and all that was read.

-- Whether it deploys, judged by its reading: 0 unknown, 1 ok, 2 incomplete, 4 broken; NULL while it hasn't been read in its
-- present content. An image that isn't settled is shown as uploading, whatever this is, so 3 stands nowhere.
-- As a range: SQLite builds a table for a list of more than two values, anew for each row that is inserted, which made a
-- first crawl's commits a quarter slower.
ALTER TABLE images ADD COLUMN state INTEGER CHECK (state BETWEEN 0 AND 4 AND state <> 3);
-- What its descriptor says, NULL where it doesn't.
ALTER TABLE images ADD COLUMN product TEXT;
ALTER TABLE images ADD COLUMN version TEXT;
ALTER TABLE images ADD COLUMN os TEXT;              -- as people call it
ALTER TABLE images ADD COLUMN family TEXT;          -- of the operating system: linux, windows, ...
ALTER TABLE images ADD COLUMN cpus INTEGER;
ALTER TABLE images ADD COLUMN memory_mib INTEGER;
ALTER TABLE images ADD COLUMN disk_count INTEGER;   -- NULL if there is no descriptor
ALTER TABLE images ADD COLUMN capacity_bytes ANY;   -- INTEGER, or TEXT with its digits beyond 2^53

-- One reading of an image that has a state: deleted with it, and as soon as the content of the image is another one.
CREATE TABLE descriptions (
  image    INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
  space    INTEGER NOT NULL,  -- that of the image
  reader   INTEGER NOT NULL,  -- the number of the rules by which it was read
  requests INTEGER NOT NULL,  -- sent for it,
  bytes    INTEGER NOT NULL,  -- and received
  read_at  INTEGER NOT NULL,
  reading  TEXT    NOT NULL CHECK (json_valid(reading))
) STRICT;

-- Those that a better reader will read again, and for counting them by space.
CREATE INDEX descriptions_by_reader ON descriptions (reader, space, bytes);

-- All files of a collection that contains an .ovf, whose disks are among them: an array of [name, size or null] in the
-- order of their names. NULL for others, and where they aren't known.
ALTER TABLE collections ADD COLUMN siblings TEXT CHECK (siblings IS NULL OR json_valid(siblings));

-- With the state, which lists show, so that they are still read from this index alone, and with what they are filtered by most.
DROP INDEX images_shown;
CREATE INDEX images_shown ON images
  (space, name_key, name, path, size_bytes, created_at, updated_at, modified_at, is_settled, state, family, cpus, memory_mib,
   disk_count, missing_since)
  WHERE missing_since IS NULL;

-- Whether an image of the space may wait for being read: 1 from every commit that may have left one, 0 once none was found.
-- An index of those that wait would be written twice for each image, which is a tenth of a first crawl's commits.
ALTER TABLE spaces ADD COLUMN has_unread INTEGER NOT NULL DEFAULT 1 CHECK (has_unread IN (0, 1));

-- Those that don't deploy. Mostly few.
CREATE INDEX images_troubled ON images (space, state, is_settled, missing_since)
  WHERE state > 1 AND missing_since IS NULL;

-- Lists of a family in the usual order, of a space and of all, with what is asked for along with it. Empty until images are read.
CREATE INDEX images_by_family ON images
  (space, family, name_key, is_settled, state, memory_mib, cpus, missing_since)
  WHERE family IS NOT NULL AND missing_since IS NULL;
CREATE INDEX families ON images
  (family, name_key, space, is_settled, state, memory_mib, cpus, missing_since)
  WHERE family IS NOT NULL AND missing_since IS NULL;
