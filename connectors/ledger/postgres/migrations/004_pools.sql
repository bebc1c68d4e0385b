-- Up Migration
-- Who holds a place in a pool, and who waits for one (`taken_at` is null). A row goes when its step has ended, with its run at the latest.
CREATE TABLE pool_places (
  pool        text NOT NULL,
  run_id      text NOT NULL,
  step        text NOT NULL,
  workflow_id text NOT NULL,
  pipeline    text NOT NULL,
  priority    int NOT NULL,
  asked_at    timestamptz NOT NULL DEFAULT now(),
  seen_at     timestamptz NOT NULL DEFAULT now(),
  taken_at    timestamptz,
  PRIMARY KEY (pool, run_id, step)
);
CREATE INDEX pool_places_by_run ON pool_places (run_id);

-- Down Migration
DROP TABLE pool_places;
