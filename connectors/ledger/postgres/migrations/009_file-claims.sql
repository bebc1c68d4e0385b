-- Up Migration
-- Files that have arrived, and which run takes them. A batch is what one run takes: its interval is given to it when it is claimed.
CREATE TABLE file_batches (
  pipeline       text NOT NULL,
  interval_start timestamptz NOT NULL,
  interval_end   timestamptz NOT NULL,
  claimed_at     timestamptz NOT NULL DEFAULT now(),
  -- The first run that took it; null while none has.
  run_id         text,
  PRIMARY KEY (pipeline, interval_start)
);
CREATE INDEX file_batches_waiting ON file_batches (pipeline, interval_start) WHERE run_id IS NULL;

CREATE TABLE file_claims (
  pipeline       text NOT NULL,
  place          text NOT NULL,
  key            text NOT NULL,
  interval_start timestamptz NOT NULL,
  -- What tells the bytes of a name from those that had it before.
  version        text NOT NULL,
  bytes          bigint NOT NULL,
  -- When the place says that it was written.
  arrived_at     timestamptz NOT NULL,
  PRIMARY KEY (pipeline, place, key, interval_start),
  FOREIGN KEY (pipeline, interval_start) REFERENCES file_batches ON DELETE CASCADE
);
CREATE INDEX file_claims_batch ON file_claims (pipeline, interval_start);

-- Files that are not claimed yet, and since when each has stood still.
CREATE TABLE file_sightings (
  pipeline text NOT NULL,
  place    text NOT NULL,
  key      text NOT NULL,
  version  text NOT NULL,
  since    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, place, key)
);

-- Down Migration
DROP TABLE file_sightings;
DROP TABLE file_claims;
DROP TABLE file_batches;
