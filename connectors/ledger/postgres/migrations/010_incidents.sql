-- Up Migration
-- What people are told of once when it begins, and once when it is over.
CREATE TABLE incidents (
  pipeline  text NOT NULL,
  kind      text NOT NULL,
  subject   text NOT NULL,
  up_to     timestamptz,
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz
);
CREATE UNIQUE INDEX incidents_open ON incidents (pipeline, kind, subject) WHERE closed_at IS NULL;

-- What is to be told of them, and who has been.
CREATE TABLE notices (
  notice_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT now(),
  pipeline    text NOT NULL,
  notice      jsonb NOT NULL,
  told        text[] NOT NULL DEFAULT '{}',
  taken_until timestamptz
);
CREATE INDEX notices_newest ON notices (at);

-- Down Migration
DROP TABLE notices;
DROP TABLE incidents;
