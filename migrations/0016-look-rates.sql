-- Which space is looked at next is decided by how often it changes, as far as looks have told, and by what a look costs.

ALTER TABLE spaces ADD COLUMN rate_changes REAL NOT NULL DEFAULT 0.5 CHECK (rate_changes > 0);  -- a gamma distribution over its changes a ms: the shape,
ALTER TABLE spaces ADD COLUMN rate_span_ms REAL NOT NULL DEFAULT 43200000 CHECK (rate_span_ms > 0);  -- and the time over which they would be counted
ALTER TABLE spaces ADD COLUMN look_cost REAL CHECK (look_cost IS NULL OR look_cost >= 1);  -- requests of an incremental sync; NULL before the first
