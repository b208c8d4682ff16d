-- Which images may still be written to, and held removals that can be read one by one, and refused.

-- 0 while an image may still be written to.
ALTER TABLE images ADD COLUMN is_settled INTEGER NOT NULL DEFAULT 1 CHECK (is_settled IN (0, 1));

-- Those of an older index that no full sync has seen to stand still for a minute: others skip what is in unchanged collections.
UPDATE images SET is_settled = 0
  FROM spaces LEFT JOIN
    (SELECT space, max(started_at) AS looked_at FROM syncs
     WHERE mode = 'full' AND status = 'PROCESSED' AND failures = 0 GROUP BY space) AS looks ON looks.space = spaces.id
  WHERE spaces.id = images.space AND images.missing_since IS NULL
    AND images.updated_at > coalesce(looked_at, 0) - 60000;
-- The next sync looks at their collections, and at those on the way to them.
UPDATE collections SET is_settled = 0
  WHERE id IN (SELECT collection FROM images WHERE is_settled = 0);
UPDATE collections SET is_proven = 0
  WHERE space IN (SELECT space FROM images WHERE is_settled = 0);

-- With what the list shows of an image, so that it is still read from this index alone.
DROP INDEX images_shown;
CREATE INDEX images_shown ON images
  (space, name_key, name, path, size_bytes, created_at, updated_at, is_settled, missing_since)
  WHERE missing_since IS NULL;

-- When the sync of absent_in_sync found the image gone; of use beside that alone. NULL where an older index didn't note it.
ALTER TABLE images ADD COLUMN absent_since INTEGER;
UPDATE images SET absent_since = (SELECT coalesce(ended_at, started_at) FROM syncs WHERE syncs.id = absent_in_sync)
  WHERE absent_in_sync IS NOT NULL;

-- The images whose removal is held in the order of their list, and for counting them. Mostly empty.
DROP INDEX images_absent;
CREATE INDEX images_absent ON images (space, path, absent_in_sync) WHERE absent_in_sync IS NOT NULL;

-- An administrator refused them: what is held stays until one accepts it or the storage shows it again.
ALTER TABLE spaces ADD COLUMN is_removal_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_removal_refused IN (0, 1));
