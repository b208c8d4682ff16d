-- The storage's own search for images (SEARCH): a Nextcloud tells them in one request. What it shows is there; what it
-- doesn't show may be there all the same, so it only says where to look, and what it proves is learned for each space.

ALTER TABLE spaces ADD COLUMN search_evidence TEXT NOT NULL DEFAULT 'none' CHECK (search_evidence IN ('none', 'seen', 'refuted')); -- that it shows every image
ALTER TABLE spaces ADD COLUMN search_proofs INTEGER NOT NULL DEFAULT 0;  -- full syncs in a row that it matched since it was refuted
ALTER TABLE spaces ADD COLUMN search_misses INTEGER NOT NULL DEFAULT 0;  -- images that it missed, or showed where there were none
ALTER TABLE spaces ADD COLUMN searched_marker TEXT;  -- the root's marker under which it showed no more and no less than the index has
ALTER TABLE spaces ADD COLUMN search_trouble TEXT;   -- why the last sync that asked could not use it
