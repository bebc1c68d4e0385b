-- Up Migration
-- Another version had the name when the run came to it: nothing of this claim was read, and it counts no more.
ALTER TABLE file_claims ADD COLUMN passed_over boolean NOT NULL DEFAULT false;

-- The last look at the place of each pipeline that files start.
CREATE TABLE file_looks (
  pipeline  text PRIMARY KEY,
  looked_at timestamptz NOT NULL,
  -- New files that are not claimed yet.
  unclaimed int NOT NULL,
  -- Why it failed; null where it did not.
  problem   text
);

-- Down Migration
DROP TABLE file_looks;
ALTER TABLE file_claims DROP COLUMN passed_over;
