-- What has changed since a reader last asked: each image has the place of its last change, and an index has a history.

-- The revision of its space with which readers last saw the image change, appear or go; 0 for changes before this column.
-- Written in the transaction that raises the revision, so that no place is filled later.
ALTER TABLE images ADD COLUMN changed_in INTEGER NOT NULL DEFAULT 0;

-- The changes of a space in their order, tombstones included; those of one revision in the order of their ids.
CREATE INDEX images_changed ON images (space, changed_in);

-- The last place of a tombstone that was deleted for its age: readers of an earlier one would miss a removal.
ALTER TABLE spaces ADD COLUMN forgotten_in INTEGER NOT NULL DEFAULT 0;

-- The runs of daemons whose commits are all in this file. Readers name the run in which they last asked: a file that was put
-- back, or that lost commits with a crash of the machine, doesn't know it, or knows one that has no end. Then all are deleted.
CREATE TABLE runs (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  key      TEXT    NOT NULL UNIQUE,  -- random
  began_at INTEGER NOT NULL,
  ended_at INTEGER                   -- NULL: it is going on, was killed, or this is a copy
) STRICT;

-- The run of whoever reads before the first daemon.
INSERT INTO runs (key, began_at) VALUES (lower(hex(randomblob(6))), CAST(strftime('%s', 'now') AS INTEGER) * 1000);
