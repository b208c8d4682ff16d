-- Spaces of one storage learn together what its markers prove, and a space that is dear to look at isn't polled.

-- Scheme, host and port of the URL, with the slash that ends them: whose spaces are on one storage.
ALTER TABLE spaces ADD COLUMN storage TEXT GENERATED ALWAYS AS (substr(url, 1, instr(substr(url, 9), '/') + 8)) VIRTUAL;
ALTER TABLE spaces ADD COLUMN unchanged_requests INTEGER;  -- of its last incremental sync that changed nothing; NULL before that

-- How many spaces of a storage have seen or refuted that markers prove subtrees, asked when a sync of another begins.
CREATE INDEX spaces_evidence ON spaces (storage, subtree_evidence)
  WHERE subtree_evidence <> 'none' AND is_configured = 1;
