-- When a client's request was first answered by a sync that ran already, and whose it was: another sync follows its end, as
-- it may have passed what the client had changed.
ALTER TABLE syncs ADD COLUMN joined_at INTEGER;
ALTER TABLE syncs ADD COLUMN joined_by TEXT;
-- Finds them once the user is forgotten.
CREATE INDEX syncs_by_joiner ON syncs (joined_by) WHERE joined_by IS NOT NULL;
