-- A folder of a Nextcloud shows the latest date of its own and of what is mounted in it or shared with its user: once that
-- is gone, an older date is no evidence of anything.

ALTER TABLE collections ADD COLUMN is_joined INTEGER NOT NULL DEFAULT 0 CHECK (is_joined IN (0, 1));
