-- Long lists of what images are: their counts without counting, and those that don't deploy in the order of their names.

-- How many shown images of a space that have been read are alike in what lists are mostly filtered by: some dozens to some
-- hundreds of rows a space, whose sum is the length of such a list. Counting a million images took 20 to 180 ms, and that
-- again with every reading, since each raises the revision.
CREATE TABLE image_groups (
  space      INTEGER NOT NULL,
  state      INTEGER NOT NULL,
  is_settled INTEGER NOT NULL,
  family     TEXT    NOT NULL,  -- '' for NULL, as a key may not be NULL
  cpus       INTEGER NOT NULL,  -- -1 for NULL, as in the next two
  memory_mib INTEGER NOT NULL,
  disk_count INTEGER NOT NULL,
  images     INTEGER NOT NULL CHECK (images >= 0),
  PRIMARY KEY (space, state, is_settled, family, cpus, memory_mib, disk_count)
) STRICT, WITHOUT ROWID;

INSERT INTO image_groups
  SELECT space, state, is_settled, coalesce(family, ''), coalesce(cpus, -1), coalesce(memory_mib, -1),
    coalesce(disk_count, -1), count(*)
  FROM images WHERE state IS NOT NULL AND missing_since IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- Nothing is counted when an image is inserted, since it hasn't been read: a trigger would cost a first crawl, even where it
-- has nothing to do.
CREATE TRIGGER images_regrouped
  AFTER UPDATE OF state, is_settled, family, cpus, memory_mib, disk_count, missing_since ON images
  WHEN old.state IS NOT NULL OR new.state IS NOT NULL
BEGIN
  UPDATE image_groups SET images = images - 1
    WHERE old.missing_since IS NULL AND space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1);
  INSERT INTO image_groups
    SELECT new.space, new.state, new.is_settled, coalesce(new.family, ''), coalesce(new.cpus, -1),
      coalesce(new.memory_mib, -1), coalesce(new.disk_count, -1), 1
    WHERE new.state IS NOT NULL AND new.missing_since IS NULL
    ON CONFLICT DO UPDATE SET images = images + 1;
  DELETE FROM image_groups
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1) AND images = 0;
END;

CREATE TRIGGER images_ungrouped AFTER DELETE ON images WHEN old.state IS NOT NULL AND old.missing_since IS NULL
BEGIN
  UPDATE image_groups SET images = images - 1
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1);
  DELETE FROM image_groups
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1) AND images = 0;
END;

-- Those that don't deploy, by the state in which they are shown (3: not settled) and in the order of lists. Mostly few.
DROP INDEX images_troubled;
CREATE INDEX images_troubled ON images
  (space, iif(is_settled = 0, 3, state), name_key, name, path, family, state, memory_mib, cpus, missing_since)
  WHERE iif(is_settled = 0, 3, state) > 1 AND missing_since IS NULL;

-- In the whole order of lists: in a space where every image is called box.ova, a page was a sort of all of them.
DROP INDEX images_by_family;
CREATE INDEX images_by_family ON images
  (space, family, name_key, name, path, is_settled, state, memory_mib, cpus, missing_since)
  WHERE family IS NOT NULL AND missing_since IS NULL;
