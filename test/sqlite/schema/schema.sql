CREATE TRIGGER images_regrouped
  AFTER UPDATE OF state, is_settled, family, cpus, memory_mib, disk_count, missing_since ON images
  WHEN old.state IS NOT NULL OR new.state IS NOT NULL
BEGIN
  UPDATE image_groups SET images = images - 1
    WHERE old.missing_since IS NULL AND space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1);
  INSERT INTO image_groups
    SELECT new.space, new.state, new.is_settled, coalesce(new.family, ''), coalesce(new.cpus, -1),
      coalesce(new.memory_mib, -1), coalesce(new.disk_count, -1), 1
    WHERE new.state IS NOT NULL AND new.missing_since IS NULL
    ON CONFLICT DO UPDATE SET images = images + 1;
  DELETE FROM image_groups
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1) AND images = 0;
END;

CREATE TRIGGER images_ungrouped AFTER DELETE ON images WHEN old.state IS NOT NULL AND old.missing_since IS NULL
BEGIN
  UPDATE image_groups SET images = images - 1
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1);
  DELETE FROM image_groups
    WHERE space = old.space AND state = old.state AND is_settled = old.is_settled
      AND family = coalesce(old.family, '') AND cpus = coalesce(old.cpus, -1)
      AND memory_mib = coalesce(old.memory_mib, -1) AND disk_count = coalesce(old.disk_count, -1) AND images = 0;
END;

CREATE TABLE collections (
  id             INTEGER PRIMARY KEY,
  space          INTEGER NOT NULL REFERENCES spaces (id),
  parent         INTEGER REFERENCES collections (id),  -- NULL for the root alone
  path           TEXT    NOT NULL,
  marker         TEXT,     -- its getetag or getlastmodified at its last complete listing
  empty_in_sync  INTEGER,  -- the sync in which it first showed only itself, not yet believed
  listed_in_sync INTEGER, is_settled INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)), is_proven INTEGER NOT NULL DEFAULT 0 CHECK (is_proven IN (0, 1)), is_mount INTEGER NOT NULL DEFAULT 0 CHECK (is_mount IN (0, 1)), to_visit TEXT CHECK (to_visit IS NULL OR json_valid(to_visit)), modified_at INTEGER, listed_at INTEGER, is_contradicted INTEGER NOT NULL DEFAULT 0 CHECK (is_contradicted IN (0, 1)), absent_in_sync INTEGER, absent_in_full INTEGER, is_joined INTEGER NOT NULL DEFAULT 0 CHECK (is_joined IN (0, 1)), siblings TEXT CHECK (siblings IS NULL OR json_valid(siblings)),  -- the last sync that committed a complete listing: where a resumed sync goes on
  UNIQUE (space, path),    -- finds one by its path, and a subtree as a range of paths
  CHECK ((parent IS NULL) = (path = ''))
) STRICT;

CREATE TABLE descriptions (
  image    INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
  space    INTEGER NOT NULL,  -- that of the image
  reader   INTEGER NOT NULL,  -- the number of the rules by which it was read
  requests INTEGER NOT NULL,  -- sent for it,
  bytes    INTEGER NOT NULL,  -- and received
  read_at  INTEGER NOT NULL,
  reading  TEXT    NOT NULL CHECK (json_valid(reading))
) STRICT;

CREATE TABLE hours (
  hour    INTEGER PRIMARY KEY,         -- since the epoch (UTC)
  syncs   INTEGER NOT NULL DEFAULT 0,  -- that ended in it, in success or failure; written with the end of each
  failed  INTEGER NOT NULL DEFAULT 0,  -- of these
  added   INTEGER NOT NULL DEFAULT 0,  -- images, by these
  removed INTEGER NOT NULL DEFAULT 0,
  spaces  INTEGER,                     -- configured ones, as they were once in it; NULL: nobody has counted
  images  INTEGER,
  bytes   INTEGER,
  CHECK ((spaces IS NULL) = (images IS NULL) AND (spaces IS NULL) = (bytes IS NULL))
) STRICT;

CREATE TABLE image_groups (
  space      INTEGER NOT NULL,
  state      INTEGER NOT NULL,
  is_settled INTEGER NOT NULL,
  family     TEXT    NOT NULL,  -- '' for NULL, as a key may not be NULL
  cpus       INTEGER NOT NULL,  -- -1 for NULL, as in the next two
  memory_mib INTEGER NOT NULL,
  disk_count INTEGER NOT NULL,
  images     INTEGER NOT NULL CHECK (images >= 0),
  PRIMARY KEY (space, state, is_settled, family, cpus, memory_mib, disk_count)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE image_trigrams USING fts5 (
  name_key, space, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);

CREATE TABLE 'image_trigrams_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'image_trigrams_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'image_trigrams_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE images (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: clients keep it
  space          INTEGER NOT NULL REFERENCES spaces (id),
  collection     INTEGER REFERENCES collections (id),  -- NULL: it went missing together with its collection
  path           TEXT    NOT NULL,
  name           TEXT    NOT NULL,  -- the last segment of the path
  name_key       TEXT    NOT NULL,  -- the name in NFC and lower case: what filters and orders compare
  size_bytes     INTEGER,           -- NULL where the storage doesn't say
  etag           TEXT,
  modified_at    INTEGER,           -- the storage's getlastmodified
  created_at     INTEGER NOT NULL,  -- first seen
  updated_at     INTEGER NOT NULL,  -- size or content last seen to change, or returned
  missing_since  INTEGER,           -- NULL while it is shown; else it is a tombstone
  absent_in_sync INTEGER, absent_in_full INTEGER, is_settled INTEGER NOT NULL DEFAULT 1 CHECK (is_settled IN (0, 1)), absent_since INTEGER, state INTEGER CHECK (state BETWEEN 0 AND 4 AND state <> 3), product TEXT, version TEXT, os TEXT, family TEXT, cpus INTEGER, memory_mib INTEGER, disk_count INTEGER, capacity_bytes ANY, changed_in INTEGER NOT NULL DEFAULT 0,           -- still shown, but this sync found it gone first and its removal is held
  UNIQUE (space, path),             -- a returning image finds its tombstone; a subtree is a range of paths
  CHECK (collection IS NOT NULL OR missing_since IS NOT NULL),
  CHECK (absent_in_sync IS NULL OR missing_since IS NULL)
) STRICT;

CREATE TABLE links (
  user TEXT NOT NULL PRIMARY KEY,
  server TEXT NOT NULL,        -- base URL of the Nextcloud, which ends in a slash
  login_name TEXT NOT NULL,    -- under which the app password is good
  key_id TEXT NOT NULL,        -- of the key that opens it; keys are replaced now and then, and may be lost
  sealed BLOB NOT NULL,        -- nonce, encrypted app password and tag of AES-256-GCM; user, server and name are bound to it
  via TEXT NOT NULL,           -- browser: the user agreed there; log-in: a password was exchanged
  linked_at INTEGER NOT NULL   -- when this app password was stored
) STRICT, WITHOUT ROWID;

CREATE TABLE migrations (
  number     INTEGER PRIMARY KEY,  -- equals user_version after it
  name       TEXT    NOT NULL,     -- its file's name
  checksum   TEXT    NOT NULL,     -- SHA-256 of its file, lower-case hex
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  key      TEXT    NOT NULL UNIQUE,  -- random
  began_at INTEGER NOT NULL,
  ended_at INTEGER                   -- NULL: it is going on, was killed, or this is a copy
) STRICT;

CREATE TABLE spaces (
  id                      INTEGER PRIMARY KEY,
  user                    TEXT    NOT NULL UNIQUE,   -- whose; also the order of lists of spaces
  url                     TEXT    NOT NULL,
  is_configured           INTEGER NOT NULL DEFAULT 1 CHECK (is_configured IN (0, 1)),
  added_at                INTEGER NOT NULL,
  -- Raised in the transaction of every change that a reader of the images can see.
  revision                INTEGER NOT NULL DEFAULT 0,
  -- Counted along with each commit: a list of all spaces must not count millions of rows.
  images                  INTEGER NOT NULL DEFAULT 0 CHECK (images >= 0),       -- shown ones
  collections             INTEGER NOT NULL DEFAULT 0 CHECK (collections >= 0),  -- the root included
  last_success_at         INTEGER,                   -- end of the last sync that left nothing unlisted
  last_sync_at            INTEGER,                   -- end of the last sync of the whole space that reached its end
  trouble_kind            TEXT CHECK (trouble_kind IN ('failed', 'incomplete', 'unauthorized')),
  trouble_message         TEXT,
  trouble_at              INTEGER,
  is_trouble_of_hint      INTEGER NOT NULL DEFAULT 0 CHECK (is_trouble_of_hint IN (0, 1)),  -- only then may a hint clear it
  held_removals           INTEGER,                   -- images whose removal waits for a second opinion, or NULL
  is_removal_accepted     INTEGER NOT NULL DEFAULT 0 CHECK (is_removal_accepted IN (0, 1)), -- an administrator gave it
  due_at                  INTEGER,                   -- of the next incremental sync
  full_due_at             INTEGER,                   -- of the next full sync
  lease_owner             TEXT,
  lease_sync              INTEGER,                   -- the sync that it was taken for
  lease_until             INTEGER, names_evidence TEXT NOT NULL DEFAULT 'none' CHECK (names_evidence IN ('none', 'seen', 'refuted')), subtree_evidence TEXT NOT NULL DEFAULT 'none' CHECK (subtree_evidence IN ('none', 'seen', 'refuted')), mismatches INTEGER NOT NULL DEFAULT 0, rules TEXT, poll_due_at INTEGER, changed_at INTEGER, held_reasons TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(held_reasons)), is_relocated INTEGER NOT NULL DEFAULT 0 CHECK (is_relocated IN (0, 1)), names_proofs INTEGER NOT NULL DEFAULT 0, subtree_proofs INTEGER NOT NULL DEFAULT 0, is_removal_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_removal_refused IN (0, 1)), refusals INTEGER NOT NULL DEFAULT 0 CHECK (refusals >= 0), retry_at INTEGER, left_off TEXT CHECK (left_off IS NULL OR json_valid(left_off)), next_sync_at INTEGER GENERATED ALWAYS AS
  (iif(trouble_kind IS 'unauthorized', retry_at,
    nullif(min(coalesce(due_at, 9007199254740991), coalesce(full_due_at, 9007199254740991),
               coalesce(poll_due_at, 9007199254740991)), 9007199254740991))) VIRTUAL, left_at INTEGER, search_evidence TEXT NOT NULL DEFAULT 'none' CHECK (search_evidence IN ('none', 'seen', 'refuted')), search_proofs INTEGER NOT NULL DEFAULT 0, search_misses INTEGER NOT NULL DEFAULT 0, searched_marker TEXT, search_trouble TEXT, storage TEXT GENERATED ALWAYS AS (substr(url, 1, instr(substr(url, 9), '/') + 8)) VIRTUAL, unchanged_requests INTEGER, fingerprint TEXT, is_restored INTEGER NOT NULL DEFAULT 0 CHECK (is_restored IN (0, 1)), rate_changes REAL NOT NULL DEFAULT 0.5 CHECK (rate_changes > 0), rate_span_ms REAL NOT NULL DEFAULT 43200000 CHECK (rate_span_ms > 0), look_cost REAL CHECK (look_cost IS NULL OR look_cost >= 1), has_unread INTEGER NOT NULL DEFAULT 1 CHECK (has_unread IN (0, 1)), described_images INTEGER NOT NULL DEFAULT 0, waiting_images INTEGER NOT NULL DEFAULT 0, incomplete_images INTEGER NOT NULL DEFAULT 0, broken_images INTEGER NOT NULL DEFAULT 0, read_bytes INTEGER NOT NULL DEFAULT 0, forgotten_in INTEGER NOT NULL DEFAULT 0, image_bytes INTEGER NOT NULL DEFAULT 0, bytes_revision INTEGER NOT NULL DEFAULT -1,
  CHECK ((trouble_kind IS NULL) = (trouble_message IS NULL) AND (trouble_kind IS NULL) = (trouble_at IS NULL)),
  CHECK ((lease_owner IS NULL) = (lease_sync IS NULL) AND (lease_owner IS NULL) = (lease_until IS NULL))
) STRICT;

CREATE TABLE syncs (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: collections and images name the sync that saw them
  task_id      TEXT    NOT NULL,                   -- a UUID, for clients that follow a task
  space        INTEGER NOT NULL REFERENCES spaces (id),
  mode         TEXT    NOT NULL CHECK (mode IN ('full', 'incremental', 'hint')),
  origin       TEXT    NOT NULL CHECK (origin IN ('schedule', 'request', 'hint', 'command')),
  requested_by TEXT,                               -- a user's name; NULL for the schedule and hints
  targets      TEXT    NOT NULL CHECK (json_valid(targets)),  -- array of paths: the collections of a hint
  status       TEXT    NOT NULL CHECK (status IN ('PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR', 'CANCELLED')),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  started_at   INTEGER,
  ended_at     INTEGER,
  collections  INTEGER NOT NULL DEFAULT 0,  -- listed completely
  failures     INTEGER NOT NULL DEFAULT 0,  -- collections that could not be listed
  images       INTEGER NOT NULL DEFAULT 0,  -- seen
  requests     INTEGER NOT NULL DEFAULT 0,  -- sent to the storage
  added        INTEGER NOT NULL DEFAULT 0,
  altered      INTEGER NOT NULL DEFAULT 0,
  removed      INTEGER NOT NULL DEFAULT 0,
  errors       TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(errors)),    -- array of texts: why it failed
  warnings     TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)), waiting INTEGER NOT NULL DEFAULT 0, expected INTEGER, resumed_at INTEGER, joined_at INTEGER, joined_by TEXT,  -- array of texts: what was left as it was
  CHECK ((ended_at IS NULL) = (status IN ('PENDING', 'IN_PROGRESS')))
) STRICT;

CREATE TABLE tokens (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: a revocation names it
  user       TEXT    NOT NULL,
  hash       TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64),  -- SHA-256, lower-case hex; looked up at every request
  scopes     TEXT    NOT NULL CHECK (json_valid(scopes)),        -- array of texts
  created_at INTEGER NOT NULL,
  expires_at INTEGER,                            -- NULL: never
  revoked_at INTEGER                             -- NULL: good
, name TEXT, used_at INTEGER, disabled_at INTEGER, log_in_space INTEGER REFERENCES spaces (id)) STRICT;

CREATE TABLE trigram_extent (
  last_image INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_messages (begun INTEGER NOT NULL) STRICT;

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

CREATE TABLE webhooks (
  name      TEXT PRIMARY KEY,
  users     TEXT CHECK (users IS NULL OR json_valid(users)),  -- those whose spaces it is told of; NULL: everybody's
  target    TEXT NOT NULL,  -- a hash of its address: another one is tried at once
  epoch     INTEGER NOT NULL DEFAULT 0  -- how often this index has gone back to an earlier state
) STRICT;

CREATE INDEX collections_by_parent ON collections (parent);

CREATE INDEX collections_mounted ON collections (space, path) WHERE is_mount = 1;

CREATE INDEX descriptions_by_reader ON descriptions (reader, space, bytes);

CREATE INDEX families ON images
  (family, name_key, space, is_settled, state, memory_mib, cpus, missing_since)
  WHERE family IS NOT NULL AND missing_since IS NULL;

CREATE INDEX images_absent ON images (space, path, absent_in_sync) WHERE absent_in_sync IS NOT NULL;

CREATE INDEX images_by_collection ON images (collection);

CREATE INDEX images_by_family ON images
  (space, family, name_key, name, path, is_settled, state, memory_mib, cpus, missing_since)
  WHERE family IS NOT NULL AND missing_since IS NULL;

CREATE INDEX images_changed ON images (space, changed_in);

CREATE INDEX images_missing ON images (missing_since) WHERE missing_since IS NOT NULL;

CREATE INDEX images_orphaned ON images (space, path) WHERE collection IS NULL;

CREATE INDEX images_shown ON images
  (space, name_key, name, path, size_bytes, created_at, updated_at, modified_at, is_settled, state, family, cpus, memory_mib,
   disk_count, missing_since)
  WHERE missing_since IS NULL;

CREATE INDEX images_troubled ON images
  (space, iif(is_settled = 0, 3, state), name_key, name, path, family, state, memory_mib, cpus, missing_since)
  WHERE iif(is_settled = 0, 3, state) > 1 AND missing_since IS NULL;

CREATE INDEX spaces_departed ON spaces (left_at) WHERE left_at IS NOT NULL;

CREATE INDEX spaces_due ON spaces (next_sync_at) WHERE is_configured = 1;

CREATE INDEX spaces_evidence ON spaces (storage, subtree_evidence)
  WHERE subtree_evidence <> 'none' AND is_configured = 1;

CREATE INDEX spaces_held ON spaces (user) WHERE is_configured = 1 AND held_removals IS NOT NULL;

CREATE INDEX spaces_troubled ON spaces (trouble_kind, user) WHERE is_configured = 1 AND trouble_kind IS NOT NULL;

CREATE INDEX syncs_by_joiner ON syncs (joined_by) WHERE joined_by IS NOT NULL;

CREATE INDEX syncs_by_requester ON syncs (requested_by, id) WHERE requested_by IS NOT NULL;

CREATE INDEX syncs_by_space ON syncs (space, id);

CREATE INDEX syncs_by_status ON syncs (status, id);

CREATE INDEX syncs_queue ON syncs (origin = 'schedule', id) WHERE status = 'PENDING';

CREATE UNIQUE INDEX syncs_waiting ON syncs (space) WHERE status = 'PENDING';

CREATE INDEX tokens_by_user ON tokens (user, id);

CREATE INDEX tokens_of_log_ins ON tokens (expires_at) WHERE log_in_space IS NOT NULL;

CREATE INDEX webhook_places_pending ON webhook_places (hook) WHERE pending IS NOT NULL;

CREATE INDEX webhook_places_waiting ON webhook_places (hook, next_at) WHERE state = 'waiting';
