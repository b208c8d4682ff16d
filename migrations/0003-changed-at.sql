-- When the images of a space last changed for its readers: what Last-Modified tells.
ALTER TABLE spaces ADD COLUMN changed_at INTEGER;  -- set with revision; NULL before the first change
