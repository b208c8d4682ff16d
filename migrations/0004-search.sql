-- Search in names by an index, and the requests of whoever made them.

-- Which images have which three characters in their name key: an inverted index of ids alone, so what it finds
-- is compared with the names themselves. It holds tombstones, too, for a returning image keeps its name. The column
-- `space` is one trigram that stands for the space.
CREATE VIRTUAL TABLE image_trigrams USING fts5 (
  name_key, space, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);

-- How far it reaches: images of a higher id are not in it yet. Filling it in larger pieces costs a third of filling it
-- with every commit.
CREATE TABLE trigram_extent (
  last_image INTEGER NOT NULL
) STRICT;

INSERT INTO image_trigrams (rowid, name_key, space)
  SELECT id, name_key, char(0xF0000 + (space >> 24 & 4095), 0xF0000 + (space >> 12 & 4095), 0xF0000 + (space & 4095))
  FROM images ORDER BY id;
INSERT INTO trigram_extent SELECT coalesce(max(id), 0) FROM images;

-- What a user asked for in spaces of others, the newest first; most syncs nobody asked for.
CREATE INDEX syncs_by_requester ON syncs (requested_by, id) WHERE requested_by IS NOT NULL;
