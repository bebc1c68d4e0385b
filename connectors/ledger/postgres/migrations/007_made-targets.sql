-- Up Migration
-- Loads that made their table: what was loaded before them is not in it. There are few.
CREATE INDEX steps_made ON steps (pipeline, table_name, finished_at DESC)
  WHERE step = 'load' AND outcome = 'succeeded' AND result ? 'madeTarget';

-- Down Migration
DROP INDEX steps_made;
