-- Up Migration
-- Every attempt of a step, none overwritten; `steps` keeps how the step stands. Of an older ledger only the newest ones are known.
CREATE TABLE attempts (
  run_id      text NOT NULL REFERENCES runs ON DELETE CASCADE,
  step        text NOT NULL,
  table_name  text NOT NULL DEFAULT '',
  attempt     int NOT NULL,
  outcome     text NOT NULL DEFAULT 'running',
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  error       text,
  detail      jsonb,
  log         text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (run_id, step, table_name, attempt)
);
INSERT INTO attempts (run_id, step, table_name, attempt, outcome, started_at, finished_at, error, detail)
  SELECT run_id, step, table_name, attempt, outcome, started_at, finished_at, error, CASE WHEN outcome <> 'succeeded' THEN result END
  FROM steps WHERE outcome NOT IN ('skipped', 'running'); -- those under way are told of when they end

-- Down Migration
DROP TABLE attempts;
