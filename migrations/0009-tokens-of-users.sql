-- Tokens that can be told apart, disabled and ended by whoever they belong to; those of log-ins are among them.

ALTER TABLE tokens ADD COLUMN name TEXT;            -- what it is for, in its owner's words; NULL: not said
ALTER TABLE tokens ADD COLUMN used_at INTEGER;      -- last use, to the minute; NULL: never, or not since this column is there
ALTER TABLE tokens ADD COLUMN disabled_at INTEGER;  -- NULL: good; it may be enabled again, unlike a revoked one
-- The space that a log-in opened; NULL for an access token. A space's number is never given twice, so the token of a
-- log-in says nothing of a later user of the same name.
ALTER TABLE tokens ADD COLUMN log_in_space INTEGER REFERENCES spaces (id);

-- A user's tokens. There are as many as users and their log-ins of a day, so a list must not look at all of them.
CREATE INDEX tokens_by_user ON tokens (user, id);

-- Log-ins by age, for forgetting those that are over.
CREATE INDEX tokens_of_log_ins ON tokens (expires_at) WHERE log_in_space IS NOT NULL;
