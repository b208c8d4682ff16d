-- Whose space the configuration, or the storage that is discovered, has no more, and since when: what is stored about people
-- who have left is to be listed, and forgotten in time.

ALTER TABLE spaces ADD COLUMN left_at INTEGER;  -- NULL while it is configured, and once it is forgotten

-- Of those that are out already nobody knows how long: their time begins now.
UPDATE spaces SET left_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE is_configured = 0 AND user NOT LIKE '/%';

-- Few among many.
CREATE INDEX spaces_departed ON spaces (left_at) WHERE left_at IS NOT NULL;
