-- Up Migration
-- Loads that made their table: what was loaded before them is not in it. There are few.
CREATE INDEX steps_made ON steps (pipeline, table_name, started_at DESC)
  WHERE step = 'load' AND outcome = 'succeeded' AND result ? 'madeTarget';
-- What is missing is told from this index alone.
DROP INDEX steps_loaded;
CREATE INDEX steps_loaded ON steps (pipeline, table_name, interval_end DESC) INCLUDE (interval_start, finished_at)
  WHERE step = 'load' AND outcome = 'succeeded';

-- Down Migration
DROP INDEX steps_made;
DROP INDEX steps_loaded;
CREATE INDEX steps_loaded ON steps (pipeline, table_name, interval_end DESC) INCLUDE (interval_start)
  WHERE step = 'load' AND outcome = 'succeeded';
