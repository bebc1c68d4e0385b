-- Up Migration
CREATE TABLE runs (
  run_id         text PRIMARY KEY,
  workflow_id    text NOT NULL,
  pipeline       text NOT NULL,
  interval_start timestamptz NOT NULL,
  interval_end   timestamptz NOT NULL,
  kind           text NOT NULL,
  backfill_id    text,
  outcome        text NOT NULL DEFAULT 'running',
  code_version   text NOT NULL,
  input          jsonb NOT NULL,
  definition     jsonb NOT NULL,
  started_at     timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz,
  error          text
);
CREATE INDEX runs_by_interval ON runs (pipeline, interval_start, interval_end, started_at DESC);
CREATE INDEX runs_by_start ON runs (pipeline, started_at DESC);

CREATE TABLE steps (
  run_id      text NOT NULL REFERENCES runs ON DELETE CASCADE,
  step        text NOT NULL,
  table_name  text NOT NULL DEFAULT '',
  outcome     text NOT NULL DEFAULT 'running',
  attempt     int NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  rows        bigint,
  bytes       bigint,
  result      jsonb,
  error       text,
  PRIMARY KEY (run_id, step, table_name)
);

-- One run per interval at a time: the row is held from openRun to closeRun.
CREATE TABLE leases (
  pipeline       text NOT NULL,
  interval_start timestamptz NOT NULL,
  interval_end   timestamptz NOT NULL,
  run_id         text NOT NULL,
  workflow_id    text NOT NULL,
  acquired_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, interval_start, interval_end)
);

CREATE TABLE backfills (
  backfill_id text PRIMARY KEY,
  pipeline    text NOT NULL,
  range_start timestamptz NOT NULL,
  range_end   timestamptz NOT NULL,
  request     jsonb NOT NULL,
  total       int NOT NULL,
  succeeded   int NOT NULL DEFAULT 0,
  failed      int NOT NULL DEFAULT 0,
  outcome     text NOT NULL DEFAULT 'running',
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

CREATE TABLE asset_events (
  event_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  asset          text NOT NULL,
  run_id         text NOT NULL REFERENCES runs ON DELETE CASCADE,
  interval_start timestamptz NOT NULL,
  interval_end   timestamptz NOT NULL,
  rows           bigint,
  published_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (asset, run_id)
);
CREATE INDEX asset_events_newest ON asset_events (asset, published_at DESC);

-- Down Migration
DROP TABLE asset_events, backfills, leases, steps, runs;
