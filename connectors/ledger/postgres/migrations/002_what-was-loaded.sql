-- Up Migration
-- What was loaded is asked per table and interval, so a step says whose it is and of which interval. A trigger fills it in:
-- workers of the version before go on writing steps while this one is rolled out.
ALTER TABLE steps ADD COLUMN pipeline text, ADD COLUMN interval_start timestamptz, ADD COLUMN interval_end timestamptz;
UPDATE steps SET pipeline = runs.pipeline, interval_start = runs.interval_start, interval_end = runs.interval_end
  FROM runs WHERE runs.run_id = steps.run_id;

CREATE FUNCTION step_interval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT runs.pipeline, runs.interval_start, runs.interval_end
    INTO NEW.pipeline, NEW.interval_start, NEW.interval_end
    FROM runs WHERE runs.run_id = NEW.run_id;
  RETURN NEW;
END $$;
CREATE TRIGGER step_interval BEFORE INSERT ON steps FOR EACH ROW EXECUTE FUNCTION step_interval();

CREATE INDEX steps_loaded ON steps (pipeline, table_name, interval_end DESC) INCLUDE (interval_start)
  WHERE step = 'load' AND outcome = 'succeeded';

-- The newest run of the newest intervals; runs that share a moment with a span.
CREATE INDEX runs_newest ON runs (pipeline, interval_start DESC, interval_end DESC, started_at DESC);
DROP INDEX runs_by_interval;
CREATE INDEX runs_by_span ON runs USING gist (tstzrange(interval_start, interval_end));
CREATE INDEX runs_by_workflow ON runs (workflow_id, started_at DESC);
CREATE INDEX runs_open ON runs (started_at DESC) WHERE outcome = 'running';

-- A lease covers what overlaps it; one without rows by interval covers no other interval than its own.
ALTER TABLE leases ADD COLUMN by_interval boolean NOT NULL DEFAULT true;

-- Which execution has planned the backfill; its intervals in the order in which they run, without a foreign key: to check
-- 100,000 rows against it takes five times as long as to write them.
ALTER TABLE backfills ADD COLUMN execution text;
CREATE TABLE backfill_intervals (
  backfill_id    text NOT NULL,
  n              int NOT NULL,
  interval_start timestamptz NOT NULL,
  interval_end   timestamptz NOT NULL,
  nominal_time   timestamptz NOT NULL,
  state          text NOT NULL DEFAULT 'planned',
  error          text,
  PRIMARY KEY (backfill_id, n)
);

-- Down Migration
DROP TABLE backfill_intervals;
ALTER TABLE backfills DROP COLUMN execution;
ALTER TABLE leases DROP COLUMN by_interval;
DROP INDEX runs_open, runs_by_workflow, runs_by_span, runs_newest;
CREATE INDEX runs_by_interval ON runs (pipeline, interval_start, interval_end, started_at DESC);
DROP INDEX steps_loaded;
DROP TRIGGER step_interval ON steps;
DROP FUNCTION step_interval;
ALTER TABLE steps DROP COLUMN pipeline, DROP COLUMN interval_start, DROP COLUMN interval_end;
