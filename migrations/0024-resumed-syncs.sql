-- When another run last took up a sync that its process had left behind: it has passed, perhaps long ago, what clients
-- have changed since.
ALTER TABLE syncs ADD COLUMN resumed_at INTEGER;
