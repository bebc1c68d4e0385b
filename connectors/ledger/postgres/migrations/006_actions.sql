-- Up Migration
-- What people have done, by which door. What machines do is in `runs`.
CREATE TABLE actions (
  action_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL DEFAULT now(),
  actor     text NOT NULL,
  action    text NOT NULL,
  pipeline  text,
  subject   text NOT NULL,
  reason    text,
  input     jsonb
);
CREATE INDEX actions_newest ON actions (pipeline, at DESC);

-- Down Migration
DROP TABLE actions;
