-- Up Migration
-- What the models of each pipeline are made of, as they were built last.
CREATE TABLE models (
  pipeline text PRIMARY KEY,
  -- The run that built them so first.
  run_id   text NOT NULL,
  built_at timestamptz NOT NULL DEFAULT now(),
  models   jsonb NOT NULL
);

-- Down Migration
DROP TABLE models;
