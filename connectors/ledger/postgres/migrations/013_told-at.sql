-- Up Migration
-- When each of those who were told of a notice was, in the order of `told`; shorter where it was before this.
ALTER TABLE notices ADD COLUMN told_at timestamptz[] NOT NULL DEFAULT '{}';

-- Down Migration
ALTER TABLE notices DROP COLUMN told_at;
