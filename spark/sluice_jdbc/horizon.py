"""How far an incremental extraction may read: no transaction can still commit a row before it.

Must be found before the snapshot is taken, outside a transaction: whatever is in flight at the snapshot was either
seen here or began after it. The reasoning is in connectors/source; the questions are the same.
"""

import time

from .cursor import Cursor
from .failures import ExtractionError
from .postgres_catalog import Relation
from .session import APPLICATION, Session
from .sql import identifier, literal

REPORTING_LAG_MS = 100
"""A transaction's start is taken when its first message arrives and shown a moment later; this covers that moment."""
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.05


def find_horizon(session: Session, relation: Relation, cursor: Cursor, lookback_ms: int) -> str | None:
    """Inclusive, as text of the cursor's type. None: nothing may be read yet. Raises ExtractionError."""
    [row] = session.rows(CLOCK)
    standby, clock = row["standby"], row["clock"]
    if standby and (not lookback_ms or not cursor.is_time):
        raise ExtractionError(
            f"Table {relation.name}: the source is a standby, which does not show the transactions in flight on its "
            "primary, so rows that commit late could be missed. Extract from the primary, or use a time as cursor "
            "with a lookback longer than the longest transaction."
        )
    if standby:
        return _earliest(session, cursor, [clock])
    return _oldest_start(session, relation, cursor, clock) if cursor.is_time else _greatest(session, relation, cursor)


def _oldest_start(session: Session, relation: Relation, cursor: Cursor, clock: str) -> str | None:
    flying = session.rows(IN_FLIGHT)
    hidden = [row["transaction"] for row in flying if row["start"] is None]
    _until_ended(
        session,
        relation,
        hidden,
        "transactions of other users are in flight whose start is hidden; "
        "GRANT pg_read_all_stats TO the connection's user",
    )
    return _earliest(session, cursor, [clock, *(row["start"] for row in flying if row["start"] is not None)])


def _greatest(session: Session, relation: Relation, cursor: Cursor) -> str | None:
    greatest = session.cell(f"SELECT max({identifier(cursor.column)})::text FROM {relation.name}")
    writers = [row["transaction"] for row in session.rows(WRITERS.format(oid=relation.oid))]
    _until_ended(
        session,
        relation,
        writers,
        "transactions that write to it go on; run again when they have ended, or choose a time as cursor",
    )
    return greatest


def _earliest(session: Session, cursor: Cursor, moments: list[str]) -> str | None:
    """In the cursor's type. A time without zone may be UTC or the database's own: the earlier counts."""
    listed = ", ".join(literal(moment) for moment in moments)
    moment = f"(SELECT min(m) FROM unnest(ARRAY[{listed}]::timestamptz[]) AS m)"
    own = "(SELECT reset_val FROM pg_settings WHERE name = 'TimeZone')"
    wall = f"least({moment} AT TIME ZONE 'UTC', {moment} AT TIME ZONE {own})"
    return session.cell(f"SELECT ({moment if cursor.type == 'timestamptz' else wall})::{cursor.type}::text")


def _until_ended(session: Session, relation: Relation, ids: list[str], otherwise: str) -> None:
    """Waits until these transactions have ended; one that was prepared meanwhile has not."""
    listed = ", ".join(literal(each) for each in ids)
    _until_none(session, STILL_THERE.format(ids=f"ARRAY[{listed}]::text[]"), relation, otherwise)
    prepared = "prepared transactions hold rows of it; COMMIT PREPARED or ROLLBACK PREPARED them"
    _until_none(session, PREPARED.format(oid=relation.oid), relation, prepared)


def _until_none(session: Session, sql: str, relation: Relation, otherwise: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while session.cell(sql) != "0":
        if time.monotonic() >= end:
            raise ExtractionError(
                f"Table {relation.name} cannot be read incrementally yet: after {PATIENCE_SECONDS:.0f} s, {otherwise}.",
                transient=True,
            )
        time.sleep(POLL_SECONDS)


CLOCK = (
    "SELECT pg_is_in_recovery() AS standby, "
    f"(clock_timestamp() - interval '{REPORTING_LAG_MS} milliseconds')::text AS clock"
)

DATABASE = "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"

IN_FLIGHT = f"""
SELECT l.virtualtransaction AS transaction, a.xact_start::text AS start
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.pid <> pg_backend_pid()
  AND (a.datid IS NULL OR a.datid = {DATABASE})
  AND NOT (a.application_name = {literal(APPLICATION)} AND a.usename = current_user)
  AND coalesce(a.backend_type NOT IN ('autovacuum worker', 'walsender'), true)"""

STILL_THERE = """
SELECT count(*) FROM pg_catalog.pg_locks
WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND granted AND virtualtransaction = ANY({ids})"""

FAMILY = """
WITH RECURSIVE family AS (
  SELECT {oid}::oid AS oid
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)"""

WRITE_LOCKS = "('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"

WRITERS = f"""{FAMILY}
SELECT DISTINCT l.virtualtransaction AS transaction FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.mode IN {WRITE_LOCKS} AND l.database = {DATABASE}"""

# A prepared transaction has no session and shows no start, but keeps its locks.
PREPARED = f"""{FAMILY}
SELECT count(*) FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.pid IS NULL AND l.granted AND l.mode IN {WRITE_LOCKS}
  AND l.database = {DATABASE}"""
