-- The trigram index merges its segments when there are 15 of a size in place of 4: that saves a third of what filling it
-- costs a crawl, and a search reads some more of them.
INSERT INTO image_trigrams (image_trigrams, rank) VALUES ('automerge', 15);
-- Keeps FTS5 from merging 16 at once, which would make a commit wait for half a second.
INSERT INTO image_trigrams (image_trigrams, rank) VALUES ('crisismerge', 32);
