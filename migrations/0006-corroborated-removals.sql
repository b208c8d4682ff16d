-- What tells a deletion from an unmounted disk, a folder that can't be read, and a storage that doesn't say what is gone.

-- A deletion moves a folder's date forward, and not to before its last listing.
ALTER TABLE collections ADD COLUMN modified_at INTEGER;  -- its getlastmodified at its last listing that was believed
ALTER TABLE collections ADD COLUMN listed_at INTEGER;    -- when that was asked for, by the storage's own clock
-- All that it held when that was noted (`empty_in_sync`) is gone, and its date says that nobody deleted it: until it is back,
-- or an administrator accepts it. Without `empty_in_sync`: it was believed all the same, so it is looked at again each time.
ALTER TABLE collections ADD COLUMN is_contradicted INTEGER NOT NULL DEFAULT 0 CHECK (is_contradicted IN (0, 1));
-- Its parent lists without it, but that it is gone is not proven, or not believed: the first sync that found it so.
ALTER TABLE collections ADD COLUMN absent_in_sync INTEGER;
ALTER TABLE collections ADD COLUMN absent_in_full INTEGER;  -- the first full sync that did: a second one is proof

-- The same of an image that may be one without a usable name; of use beside its absent_in_sync alone.
ALTER TABLE images ADD COLUMN absent_in_full INTEGER;

-- Where the marker is a date it is the one to begin with.
UPDATE collections SET modified_at = CAST(substr(marker, 6) AS INTEGER) WHERE marker GLOB 'date:[0-9]*';

-- What was first seen empty had nothing of what it held marked: it is looked at anew.
UPDATE collections SET empty_in_sync = NULL WHERE empty_in_sync IS NOT NULL;

ALTER TABLE spaces ADD COLUMN held_reasons TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(held_reasons)); -- array of texts: why removals are held
-- Its URL was changed, and no sync since has found all in order: any removal may be the other storage's doing.
ALTER TABLE spaces ADD COLUMN is_relocated INTEGER NOT NULL DEFAULT 0 CHECK (is_relocated IN (0, 1));
-- Evidence that was refuted is regained by full syncs in which markers moved with a change: so many so far.
ALTER TABLE spaces ADD COLUMN names_proofs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN subtree_proofs INTEGER NOT NULL DEFAULT 0;
