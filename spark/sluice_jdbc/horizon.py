"""How far an incremental extraction may read: no transaction can still commit a row before it.

Must be found before the snapshot is taken, outside a transaction: whatever is in flight at the snapshot was either
seen here or began after it. The reasoning is in connectors/source; the questions are the same.
"""

import time
from dataclasses import dataclass, replace

from .cursor import Cursor, out_of_range
from .failures import ExtractionError
from .postgres_catalog import Relation
from .sequences import must_count_in_order
from .session import APPLICATION, Session
from .sql import identifier, literal

REPORTING_LAG_MS = 100
"""A transaction's start is taken when its first message arrives and shown a moment later; this covers that moment."""
PATIENCE_SECONDS = 10.0
INTERVAL_PATIENCE_SECONDS = 30.0
"""How long an extraction of an interval waits; then it fails, and is tried again for as long as the pipeline tries."""
HIDDEN_AGE_SECONDS = 24 * 3600
"""Where starts are hidden, nobody waits for them once an interval has ended this long ago."""
POLL_SECONDS = 0.05
HIDDEN = (
    "transactions of other users are in flight whose start is hidden; GRANT pg_read_all_stats TO the connection's user"
)


@dataclass(frozen=True)
class Reach:
    """How far a table is read, as core/manifest.ts names it: up to a moment, and who is in the way of more."""

    up_to: str
    held_by: str | None = None

    def document(self) -> dict[str, str]:
        return {"upTo": self.up_to, **({"heldBy": self.held_by} if self.held_by else {})}


@dataclass(frozen=True)
class Horizon:
    up_to: str | None
    """As text of the cursor's type; a row that comes later may still have the very value. None: nothing may be read."""
    reach: Reach


def until_written(session: Session, relation: Relation, end: str) -> None:
    """Waits until every transaction has ended that began before an interval did: rows that it brings may lie in it.

    An interval that has not ended cannot be complete, so nobody is waited for; nor on a standby, which shows none.
    """
    [row] = session.rows(AGE.format(end=literal(end)))
    age = float(row["age"])
    if row["standby"] or age < 0:
        return
    if age * 1000 < REPORTING_LAG_MS:
        time.sleep(REPORTING_LAG_MS / 1000)
    flying = session.rows(IN_FLIGHT.format(before=literal(end)))
    waited = [each for each in flying if (age < HIDDEN_AGE_SECONDS if each["earlier"] is None else each["earlier"])]
    first = next((each for each in waited if each["start"] is not None), None)
    what = (
        f"a transaction that began before {end} has not ended ({first['session']}), and may still bring rows of the "
        "interval; end it, or wait: it is tried again"
        if first
        else HIDDEN
    )
    if waited:
        print(f"table {relation.name}: {what}", flush=True)
    _until_ended(session, relation, [each["transaction"] for each in waited], what, INTERVAL_PATIENCE_SECONDS)


def find_horizon(
    session: Session, relation: Relation, cursor: Cursor, lookback_ms: int, once: bool, timezone: str = "UTC"
) -> Horizon:
    """No transaction can still commit a row before it. `once`: rows with the horizon's own value stay behind.

    Raises ExtractionError.
    """
    _must_be_written_here(session, relation)
    [row] = session.rows(CLOCK)
    standby, clock = row["standby"], row["clock"]
    if standby and (not lookback_ms or not cursor.is_time):
        raise ExtractionError(
            f"Table {relation.name}: the source is a standby, which does not show the transactions in flight on its "
            "primary, so rows that commit late could be missed. Extract from the primary, or use a time as cursor "
            "with a lookback longer than the longest transaction."
        )
    if standby:
        return _earliest(session, cursor, once, [clock], timezone)
    if not cursor.is_time:
        # All that is committed now is read, whatever its numbers say of time.
        reach = _earliest(session, replace(cursor, type="timestamptz"), once, [clock], timezone).reach
        must_count_in_order(session, relation, cursor, once)
        return Horizon(_greatest(session, relation, cursor), reach)
    return _oldest_start(session, relation, cursor, once, clock, timezone)


def _must_be_written_here(session: Session, relation: Relation) -> None:
    """Of rows that come with a refresh, or are committed elsewhere, nobody can tell here which are still to come."""
    for found in session.rows(ELSEWHERE.format(oid=relation.oid)):
        view = found["kind"] == "m"
        what = "a materialized view" if view else "a foreign table"
        why = "its rows come when it is refreshed" if view else "its rows are committed in another database"
        subject = f"is {what}" if found["own"] else f"has rows of {found['name']}, {what}"
        raise ExtractionError(
            f"Table {relation.name} {subject}: {why}, whatever their cursor, so rows below the mark would be missed. "
            "Use mode 'snapshot', or extract the table that it is made of where that is."
        )


def _oldest_start(
    session: Session, relation: Relation, cursor: Cursor, once: bool, clock: str, timezone: str
) -> Horizon:
    flying = session.rows(IN_FLIGHT.format(before=literal(clock)))
    hidden = [row["transaction"] for row in flying if row["start"] is None]
    _until_ended(session, relation, hidden, HIDDEN)
    starts = [row["start"] for row in flying if row["start"] is not None]
    horizon = _earliest(session, cursor, once, [clock, *starts], timezone)
    oldest = next((row for row in flying if row["earlier"]), None)
    if oldest is None:
        return horizon
    held_by = f"the open transaction of {oldest['session']} (pg_stat_activity, oldest xact_start)"
    return Horizon(horizon.up_to, Reach(horizon.reach.up_to, held_by))


def _greatest(session: Session, relation: Relation, cursor: Cursor) -> str | None:
    stray = out_of_range(cursor)
    where = f" WHERE NOT ({stray})" if stray else ""
    greatest = session.cell(f"SELECT max({identifier(cursor.column)})::text FROM {relation.name}{where}")
    writers = [row["transaction"] for row in session.rows(WRITERS.format(oid=relation.oid))]
    _until_ended(
        session,
        relation,
        writers,
        "transactions that write to it go on; run again when they have ended, or choose a time as cursor",
    )
    return greatest


def _earliest(session: Session, cursor: Cursor, once: bool, moments: list[str], timezone: str) -> Horizon:
    """The whole second, or day, that nothing written at or after some moments can lie before, in the cursor's type.

    What is written may be rounded or cut off. A time without zone may be UTC or the database's own: the earlier counts.
    Clocks are set back: what a day from then on shows counts, too.
    """
    listed = ", ".join(literal(moment) for moment in moments)
    moment = f"(SELECT min(m) FROM unnest(ARRAY[{listed}]::timestamptz[]) AS m)"
    wall = (
        f"(SELECT min(at AT TIME ZONE zone) FROM (SELECT {moment} AS at UNION ALL SELECT * FROM generate_series("
        f"date_trunc('hour', {moment}), {moment} + interval '26 hours', interval '15 minutes')) AS moments, "
        f"(VALUES ('UTC'), ({literal(timezone)}), "
        "((SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'))) AS zones (zone) "
        f"WHERE at >= {moment})"
    )
    zoned = cursor.type == "timestamptz"
    bound = f"date_trunc('second', {moment if zoned else wall})::{cursor.type}"
    # What is read up to a day, and with it, is read up to the day after.
    end = "bound + 1" if cursor.type == "date" and not once else "bound"
    reached = "moment" if zoned else f"least(moment, ({end})::timestamp AT TIME ZONE {literal(timezone)})"
    [row] = session.rows(
        f"SELECT bound::text AS bound, to_char({reached} AT TIME ZONE 'UTC', "
        f'\'YYYY-MM-DD"T"HH24:MI:SS"Z"\') AS reached FROM (SELECT {moment} AS moment, {bound} AS bound) AS horizon'
    )
    return Horizon(row["bound"], Reach(row["reached"]))


def _until_ended(
    session: Session, relation: Relation, ids: list[str], otherwise: str, patience: float = PATIENCE_SECONDS
) -> None:
    """Waits until these transactions have ended; one that was prepared meanwhile has not."""
    listed = ", ".join(literal(each) for each in ids)
    _until_none(session, STILL_THERE.format(ids=f"ARRAY[{listed}]::text[]"), relation, otherwise, patience)
    prepared = "prepared transactions hold rows of it; COMMIT PREPARED or ROLLBACK PREPARED them"
    _until_none(session, PREPARED.format(oid=relation.oid), relation, prepared, patience)


def _until_none(session: Session, sql: str, relation: Relation, otherwise: str, patience: float) -> None:
    end = time.monotonic() + patience
    while session.cell(sql) != "0":
        if time.monotonic() >= end:
            raise ExtractionError(
                f"Table {relation.name} cannot be read yet: after {patience:.0f} s, {otherwise}.",
                kind="unreachable",
            )
        time.sleep(POLL_SECONDS)


CLOCK = (
    "SELECT pg_is_in_recovery() AS standby, "
    f"(clock_timestamp() - interval '{REPORTING_LAG_MS} milliseconds')::text AS clock"
)

AGE = "SELECT pg_is_in_recovery() AS standby, extract(epoch FROM clock_timestamp() - {end}::timestamptz)::float8 AS age"

DATABASE = "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"

IN_FLIGHT = f"""
SELECT l.virtualtransaction AS transaction, a.xact_start::text AS start,
  a.xact_start < {{before}}::timestamptz AS earlier,
  concat_ws(', ', 'pid ' || a.pid, 'user ' || a.usename, nullif(a.application_name, ''),
    'since ' || date_trunc('second', a.xact_start)) AS session
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.pid <> pg_backend_pid()
  AND (a.datid IS NULL OR a.datid = {DATABASE})
  AND NOT (a.application_name = {literal(APPLICATION)} AND a.usename = current_user)
  AND coalesce(a.backend_type NOT IN ('autovacuum worker', 'walsender'), true)
ORDER BY a.xact_start"""

STILL_THERE = """
SELECT count(*) FROM pg_catalog.pg_locks
WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND granted AND virtualtransaction = ANY({ids})"""

FAMILY = """
WITH RECURSIVE below AS (
  SELECT {oid}::oid AS oid UNION SELECT part.oid FROM below b, LATERAL (
    SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i WHERE i.inhparent = b.oid
    UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
      AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass WHERE r.ev_class = b.oid) AS part
), above AS (
  SELECT {oid}::oid AS oid UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN above a ON a.oid = i.inhrelid
), family AS (SELECT oid FROM below UNION SELECT oid FROM above)"""
"""Where rows of a relation are written: in itself, its children and what a view reads; or through its parents."""

ELSEWHERE = f"""{FAMILY}
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relkind AS kind, c.oid = {{oid}} AS own
FROM below b JOIN pg_catalog.pg_class c ON c.oid = b.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('m', 'f') ORDER BY c.oid <> {{oid}}, 1 LIMIT 1"""

WRITE_LOCKS = "('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"

WRITERS = f"""{FAMILY}
SELECT DISTINCT l.virtualtransaction AS transaction FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.mode IN {WRITE_LOCKS} AND l.database = {DATABASE}"""

# A prepared transaction has no session and shows no start, but keeps its locks.
PREPARED = f"""{FAMILY}
SELECT count(*) FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.pid IS NULL AND l.granted AND l.mode IN {WRITE_LOCKS}
  AND l.database = {DATABASE}"""
