-- What a person wants to see of all spaces at a glance, without reading all of them: the past by hours, and who is in trouble.

-- Sizes of a space's listed images together, and the revision that they were summed up at: only what has changed since is
-- read again. An hour's row has the sum of all spaces.
ALTER TABLE spaces ADD COLUMN image_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN bytes_revision INTEGER NOT NULL DEFAULT -1;

CREATE TABLE hours (
  hour    INTEGER PRIMARY KEY,         -- since the epoch (UTC)
  syncs   INTEGER NOT NULL DEFAULT 0,  -- that ended in it, in success or failure; written with the end of each
  failed  INTEGER NOT NULL DEFAULT 0,  -- of these
  added   INTEGER NOT NULL DEFAULT 0,  -- images, by these
  removed INTEGER NOT NULL DEFAULT 0,
  spaces  INTEGER,                     -- configured ones, as they were once in it; NULL: nobody has counted
  images  INTEGER,
  bytes   INTEGER,
  CHECK ((spaces IS NULL) = (images IS NULL) AND (spaces IS NULL) = (bytes IS NULL))
) STRICT;

-- Those who need a person are few: their names are found without reading the others.
CREATE INDEX spaces_troubled ON spaces (trouble_kind, user) WHERE is_configured = 1 AND trouble_kind IS NOT NULL;
CREATE INDEX spaces_held ON spaces (user) WHERE is_configured = 1 AND held_removals IS NOT NULL;
