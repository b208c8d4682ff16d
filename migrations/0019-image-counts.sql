-- How many of a space's images are in which state, counted along with each commit and each reading like `images`:
-- monitoring asks again and again, and must not count millions of rows. Those still being uploaded are the rest of `images`.
ALTER TABLE spaces ADD COLUMN described_images INTEGER NOT NULL DEFAULT 0;  -- ok, incomplete or broken
ALTER TABLE spaces ADD COLUMN waiting_images INTEGER NOT NULL DEFAULT 0;  -- shown as unknown
ALTER TABLE spaces ADD COLUMN incomplete_images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN broken_images INTEGER NOT NULL DEFAULT 0;
-- What was received to learn what images are, also those that are gone.
ALTER TABLE spaces ADD COLUMN read_bytes INTEGER NOT NULL DEFAULT 0;

UPDATE spaces
SET described_images = counted.described, waiting_images = counted.waiting, incomplete_images = counted.incomplete,
  broken_images = counted.broken
FROM (
  SELECT space, count(*) FILTER (WHERE state > 0) AS described, count(*) FILTER (WHERE coalesce(state, 0) = 0) AS waiting,
    count(*) FILTER (WHERE state = 2) AS incomplete, count(*) FILTER (WHERE state = 4) AS broken
  FROM images WHERE missing_since IS NULL AND is_settled = 1 GROUP BY space) AS counted
WHERE counted.space = spaces.id;

UPDATE spaces
SET read_bytes = reading.bytes
FROM (SELECT space, sum(bytes) AS bytes FROM descriptions GROUP BY space) AS reading
WHERE reading.space = spaces.id;
