-- Users who have connected their own storage: the app password that it gave them for ovadex, encrypted by a key that is kept
-- beside the index and never in it. A copy of the index shows nobody's password.

CREATE TABLE links (
  user TEXT NOT NULL PRIMARY KEY,
  server TEXT NOT NULL,        -- base URL of the Nextcloud, which ends in a slash
  login_name TEXT NOT NULL,    -- under which the app password is good
  key_id TEXT NOT NULL,        -- of the key that opens it; keys are replaced now and then, and may be lost
  sealed BLOB NOT NULL,        -- nonce, encrypted app password and tag of AES-256-GCM; user, server and name are bound to it
  via TEXT NOT NULL,           -- browser: the user agreed there; log-in: a password was exchanged
  linked_at INTEGER NOT NULL   -- when this app password was stored
) STRICT, WITHOUT ROWID;
