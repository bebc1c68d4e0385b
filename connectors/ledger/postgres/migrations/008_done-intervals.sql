-- Up Migration
-- How far a pipeline without tables is done is told by its runs.
CREATE INDEX runs_done ON runs (pipeline, interval_end DESC) WHERE outcome = 'succeeded';

-- Down Migration
DROP INDEX runs_done;
