-- A storage that was restored from a backup says so by another fingerprint; what it lacks may be on its way back.

ALTER TABLE spaces ADD COLUMN fingerprint TEXT;  -- of the whole storage, as its root showed it last; NULL where it has none
-- It changed, and no full sync since has found everything in order.
ALTER TABLE spaces ADD COLUMN is_restored INTEGER NOT NULL DEFAULT 0 CHECK (is_restored IN (0, 1));
