-- Up Migration
-- The workflow that waits for the place, and is told when it is given: the run itself, or the child that does the elements of a list.
ALTER TABLE pool_places ADD COLUMN waits_in text NOT NULL DEFAULT '';

-- Down Migration
ALTER TABLE pool_places DROP COLUMN waits_in;
