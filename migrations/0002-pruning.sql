-- What markers prove, learned for each space, so that a sync may skip what has
-- not changed; a schedule for spaces in which that costs next to nothing; and how
-- far a running sync is.

-- A marker is compared with a later one only where this says that it may be.
ALTER TABLE collections ADD COLUMN is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)); -- old enough at its listing, no member with an error
ALTER TABLE collections ADD COLUMN is_proven INTEGER NOT NULL DEFAULT 0 CHECK (is_proven IN (0, 1));   -- all below it was listed and committed since
-- External storage or a group folder (ownCloud): it changes without moving the markers above it.
ALTER TABLE collections ADD COLUMN is_mount INTEGER NOT NULL DEFAULT 0 CHECK (is_mount IN (0, 1));
-- Where the sync that listed it goes on, an array of paths; NULL: to all of its children.
ALTER TABLE collections ADD COLUMN to_visit TEXT CHECK (to_visit IS NULL OR json_valid(to_visit));

-- Mounts below a collection that is skipped otherwise. Mostly empty.
CREATE INDEX collections_mounted ON collections (space, path) WHERE is_mount = 1;

-- What the markers of a space were seen to prove: nothing yet, that much, or the contrary, which stays.
ALTER TABLE spaces ADD COLUMN names_evidence TEXT NOT NULL DEFAULT 'none' CHECK (names_evidence IN ('none', 'seen', 'refuted'));     -- the names directly inside
ALTER TABLE spaces ADD COLUMN subtree_evidence TEXT NOT NULL DEFAULT 'none' CHECK (subtree_evidence IN ('none', 'seen', 'refuted')); -- all that is below
ALTER TABLE spaces ADD COLUMN mismatches INTEGER NOT NULL DEFAULT 0;  -- changes that a marker should have shown
ALTER TABLE spaces ADD COLUMN rules TEXT;                             -- what counted as an image when its markers were noted

-- A third time at which a space may be due, so the earliest of them is worked out anew.
DROP INDEX spaces_due;
ALTER TABLE spaces DROP COLUMN next_sync_at;
ALTER TABLE spaces ADD COLUMN poll_due_at INTEGER;  -- of the next poll; only where markers prove whole subtrees
ALTER TABLE spaces ADD COLUMN next_sync_at INTEGER GENERATED ALWAYS AS
  (nullif(min(coalesce(due_at, 9007199254740991), coalesce(full_due_at, 9007199254740991),
              coalesce(poll_due_at, 9007199254740991)), 9007199254740991)) VIRTUAL;  -- stands for: never

-- Which spaces are due, asked every few seconds: only those that can be.
CREATE INDEX spaces_due ON spaces (next_sync_at)
  WHERE is_configured = 1 AND trouble_kind IS NOT 'unauthorized';

ALTER TABLE syncs ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;  -- collections known and not listed yet
ALTER TABLE syncs ADD COLUMN expected INTEGER;                    -- collections that the last one of its mode dealt with; NULL without one
