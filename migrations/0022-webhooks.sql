-- Webhooks: receivers that are told what changes, and how far each has been told of each space.

-- One stays when the configuration leaves it out, and goes on from its places when it is back.
CREATE TABLE webhooks (
  name      TEXT PRIMARY KEY,
  users     TEXT CHECK (users IS NULL OR json_valid(users)),  -- those whose spaces it is told of; NULL: everybody's
  target    TEXT NOT NULL,  -- a hash of its address: another one is tried at once
  epoch     INTEGER NOT NULL DEFAULT 0  -- how often this index has gone back to an earlier state
) STRICT;

-- A space without one is newer than the webhook, and is told from its start.
CREATE TABLE webhook_places (
  hook      TEXT    NOT NULL REFERENCES webhooks (name) ON DELETE CASCADE,
  space     INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  revision  INTEGER NOT NULL,  -- everything up to it was told,
  up_to     INTEGER,           -- of itself only the images with ids up to this one; NULL: all
  begun     INTEGER NOT NULL,  -- removals up to this revision are no news
  seen_id   INTEGER NOT NULL,  -- images with larger ids are new
  told      TEXT    NOT NULL CHECK (told IN ('good', 'failing', 'suspended', 'held')),  -- of the space's condition
  epoch     INTEGER NOT NULL,  -- that of the webhook when it was told last
  -- The message that has to be taken next, stored for good before it is sent; NULL: none has been made yet.
  pending   TEXT CHECK (pending IS NULL OR json_valid(pending)),
  state     TEXT    NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'waiting', 'dead')),
  attempts  INTEGER NOT NULL DEFAULT 0,
  first_failed_at INTEGER,
  next_at   INTEGER,
  last_error TEXT,
  PRIMARY KEY (hook, space)
) STRICT, WITHOUT ROWID;

-- What is tried again, and when.
CREATE INDEX webhook_places_waiting ON webhook_places (hook, next_at) WHERE state = 'waiting';

-- What has been told and not taken yet: mostly nothing.
CREATE INDEX webhook_places_pending ON webhook_places (hook) WHERE pending IS NOT NULL;

-- The number of messages begun. It is also noted beside the index: one that knows fewer was put back.
CREATE TABLE webhook_messages (begun INTEGER NOT NULL) STRICT;
INSERT INTO webhook_messages VALUES (0);
