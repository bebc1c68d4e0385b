-- A ledger as version 001 left it, with rows of every kind: what `postgres-migration.test.ts` brings to today's version.
CREATE TABLE migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
INSERT INTO migrations (name, run_on) VALUES ('001_runs', '2026-11-01');

CREATE TABLE runs (
  run_id text PRIMARY KEY, workflow_id text NOT NULL, pipeline text NOT NULL,
  interval_start timestamptz NOT NULL, interval_end timestamptz NOT NULL,
  kind text NOT NULL, backfill_id text, outcome text NOT NULL DEFAULT 'running', code_version text NOT NULL,
  input jsonb NOT NULL, definition jsonb NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz, error text
);
CREATE INDEX runs_by_interval ON runs (pipeline, interval_start, interval_end, started_at DESC);
CREATE INDEX runs_by_start ON runs (pipeline, started_at DESC);
CREATE TABLE steps (
  run_id text NOT NULL REFERENCES runs ON DELETE CASCADE, step text NOT NULL, table_name text NOT NULL DEFAULT '',
  outcome text NOT NULL DEFAULT 'running', attempt int NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz, rows bigint, bytes bigint, result jsonb, error text,
  PRIMARY KEY (run_id, step, table_name)
);
CREATE TABLE leases (
  pipeline text NOT NULL, interval_start timestamptz NOT NULL, interval_end timestamptz NOT NULL,
  run_id text NOT NULL, workflow_id text NOT NULL, acquired_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, interval_start, interval_end)
);
CREATE TABLE backfills (
  backfill_id text PRIMARY KEY, pipeline text NOT NULL, range_start timestamptz NOT NULL, range_end timestamptz NOT NULL,
  request jsonb NOT NULL, total int NOT NULL, succeeded int NOT NULL DEFAULT 0, failed int NOT NULL DEFAULT 0,
  outcome text NOT NULL DEFAULT 'running', started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz
);
CREATE TABLE asset_events (
  event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asset text NOT NULL,
  run_id text NOT NULL REFERENCES runs ON DELETE CASCADE,
  interval_start timestamptz NOT NULL, interval_end timestamptz NOT NULL, rows bigint,
  published_at timestamptz NOT NULL DEFAULT now(), UNIQUE (asset, run_id)
);
CREATE INDEX asset_events_newest ON asset_events (asset, published_at DESC);

INSERT INTO runs (run_id, workflow_id, pipeline, interval_start, interval_end, kind, outcome, code_version, input, definition, started_at, finished_at, error) VALUES
  ('done', 'shop-2024-03-02T00:00:00Z', 'shop', '2024-03-01Z', '2024-03-02Z', 'scheduled', 'succeeded', '0.1.0', '{"pipeline":"shop"}', '{}', '2024-03-02 02:00Z', '2024-03-02 02:01Z', NULL),
  ('cancelled', 'shop-2024-03-03T00:00:00Z', 'shop', '2024-03-02Z', '2024-03-03Z', 'scheduled', 'cancelled', '0.1.0', '{"pipeline":"shop"}', '{}', '2024-03-03 02:00Z', '2024-03-03 02:01Z', 'cancelled'),
  ('week', 'shop-2024-03-08T00:00:00Z', 'shop', '2024-03-01Z', '2024-03-08Z', 'manual', 'running', '0.1.0', '{"pipeline":"shop"}', '{}', '2024-03-08 02:00Z', NULL, NULL),
  ('day', 'shop-2024-03-04T00:00:00Z', 'shop', '2024-03-03Z', '2024-03-04Z', 'backfill', 'running', '0.1.0', '{"pipeline":"shop"}', '{}', '2024-03-08 02:00Z', NULL, NULL);
INSERT INTO steps (run_id, step, table_name, outcome, attempt, finished_at, rows, result) VALUES
  ('done', 'extract', 'orders', 'succeeded', 1, '2024-03-02 02:00Z', 100, '{"loadId":"l1"}'),
  ('done', 'load', 'orders', 'succeeded', 1, '2024-03-02 02:00Z', 100, '{"loadId":"l1"}'),
  ('done', 'load', 'clicks', 'succeeded', 1, '2024-03-02 02:00Z', 100, '{"loadId":"l2"}'),
  ('cancelled', 'load', 'orders', 'succeeded', 1, '2024-03-03 02:00Z', 100, '{"loadId":"l3"}'),
  ('cancelled', 'load', 'clicks', 'cancelled', 1, '2024-03-03 02:00Z', NULL, NULL),
  ('week', 'extract', 'orders', 'running', 1, NULL, NULL, NULL);
-- Two leases that overlap, as they could until now; both runs are in flight.
INSERT INTO leases (pipeline, interval_start, interval_end, run_id, workflow_id) VALUES
  ('shop', '2024-03-01Z', '2024-03-08Z', 'week', 'shop-2024-03-08T00:00:00Z'),
  ('shop', '2024-03-03Z', '2024-03-04Z', 'day', 'shop-2024-03-04T00:00:00Z');
INSERT INTO backfills (backfill_id, pipeline, range_start, range_end, request, total, succeeded) VALUES
  ('backfill-shop', 'shop', '2024-03-01Z', '2024-03-08Z', '{"pipeline":"shop"}', 7, 2);
INSERT INTO asset_events (asset, run_id, interval_start, interval_end, rows) VALUES
  ('raw_shop.orders', 'done', '2024-03-01Z', '2024-03-02Z', 100);
