-- Lists show the storage's own date of an image, too: with it they are still read from this index alone.
DROP INDEX images_shown;
CREATE INDEX images_shown ON images
  (space, name_key, name, path, size_bytes, created_at, updated_at, modified_at, is_settled, missing_since)
  WHERE missing_since IS NULL;
