-- A suspension ends by itself once the storage takes the credentials again; and a sync that the storage had no time for is
-- gone on with by the next one.

ALTER TABLE spaces ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0 CHECK (refusals >= 0);  -- of its credentials in a row
ALTER TABLE spaces ADD COLUMN retry_at INTEGER;  -- when a suspended space is tried by itself; NULL: that is filed, or it isn't suspended
ALTER TABLE spaces ADD COLUMN left_off TEXT CHECK (left_off IS NULL OR json_valid(left_off));  -- syncs in a row that were given up for load, and their mode

-- Those that are suspended already are tried an hour after their refusal, as all others.
UPDATE spaces SET refusals = 1, retry_at = trouble_at + 3600000 WHERE trouble_kind = 'unauthorized';

-- A suspended space is due at its own time alone.
DROP INDEX spaces_due;
ALTER TABLE spaces DROP COLUMN next_sync_at;
ALTER TABLE spaces ADD COLUMN next_sync_at INTEGER GENERATED ALWAYS AS
  (iif(trouble_kind IS 'unauthorized', retry_at,
    nullif(min(coalesce(due_at, 9007199254740991), coalesce(full_due_at, 9007199254740991),
               coalesce(poll_due_at, 9007199254740991)), 9007199254740991))) VIRTUAL;  -- stands for: never

-- Which spaces are due, asked every few seconds: only those that can be.
CREATE INDEX spaces_due ON spaces (next_sync_at) WHERE is_configured = 1;
