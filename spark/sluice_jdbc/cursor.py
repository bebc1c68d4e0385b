"""Which rows a run is responsible for: conditions on the ordering column, as connectors/source makes them."""

import re
from dataclasses import dataclass
from typing import Any

from .failures import ExtractionError
from .postgres_catalog import Relation, SourceColumn
from .request import Interval, Span, Table
from .session import Session
from .sql import identifier, literal

TIMES = ("timestamp", "timestamptz", "date")
COUNTERS = ("int2", "int4", "int8", "oid", "numeric", "text", "varchar")
WHOLE = r"-?\d+"
TIME = r"\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?"
WRITTEN = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), WHOLE),
    "numeric": r"-?\d+(\.\d+)?",
    "date": r"\d{4,}-\d\d-\d\d",
    "timestamp": TIME,
    "timestamptz": TIME + r"[+-]\d\d(:\d\d)*",
}
"""How PostgreSQL writes values of a type that can be a cursor. A mark that is written otherwise is none of them."""


@dataclass(frozen=True)
class Cursor:
    column: str
    type: str
    nullable: bool
    indexed: bool

    @property
    def is_time(self) -> bool:
        return self.type in TIMES

    @property
    def order(self) -> str:
        """What a mark is a value of, widths aside: as core/mark.ts names it."""
        if self.is_time:
            return self.type
        return "text" if self.type in ("text", "varchar") else "number"


def cursor_of(table: Table, relation: Relation, columns: list[SourceColumn]) -> Cursor | None:
    """None for a snapshot. Raises ExtractionError naming the columns that would do."""
    if table.mode == "snapshot":
        return None
    fitting = TIMES if table.mode == "interval" else (*TIMES, *COUNTERS)
    candidates = [column.name for column in columns if _fits(column, fitting)]
    advice = (
        f"Columns that can be a cursor: {', '.join(candidates)}."
        if candidates
        else "The table has no column that can be one; use mode 'snapshot'."
    )
    found = next((column for column in columns if column.name == table.cursor), None)
    if found is None:
        raise ExtractionError(f"Cursor column '{table.cursor}' is not in table {relation.name}. {advice}")
    if not _fits(found, fitting):
        counter = found.type.built_in and found.type.name in COUNTERS
        reason = "lies in no time interval" if counter else "has no order that follows time"
        more = " For this column use mode 'incremental'." if counter else ""
        raise ExtractionError(
            f"Cursor column '{table.cursor}' ({found.type.declared}) of table {relation.name} {reason}. {advice}{more}"
        )
    return Cursor(found.name, found.type.name, found.nullable, found.indexed)


def interval_condition(cursor: Cursor, interval: Interval, timezone: str = "UTC") -> str:
    """Rows in `[start, end)`; the worker has cut local times and days. Raises ExtractionError for a day cut in two."""
    cuts = _cuts(cursor, interval)
    if cuts.start is None or cuts.end is None:
        raise ExtractionError(
            f"Cursor column '{cursor.column}' is a date, and {interval.start} or {interval.end} is no midnight in "
            f"{timezone}: the days of such an interval cannot be told apart. Set 'timezone' of the table, or of its "
            "connection, to the zone that the schedule's days are in, run whole days, or choose a time as cursor."
        )
    column = identifier(cursor.column)
    low, high = (f"{literal(at)}::{cursor.type}" for at in (cuts.start, cuts.end))
    return f"{column} >= {low} AND {column} < {high}"


def is_cut(cursor: Cursor, interval: Interval) -> bool:
    """Whether both ends of an interval can be told in the cursor's type."""
    cuts = _cuts(cursor, interval)
    return cuts.start is not None and cuts.end is not None


def _cuts(cursor: Cursor, interval: Interval) -> Interval | Span:
    return {"timestamp": interval.local, "date": interval.days}.get(cursor.type, interval)


def incremental_condition(session: Session, table: Table, cursor: Cursor, since: str | None, up_to: str | None) -> str:
    """Rows from the mark, minus the lookback, up to the horizon; both ends inclusive, so that ties are read again.

    Where rows are appended none may be read again, so both ends are exclusive; only a counter's horizon is read itself.
    """
    if table.lookback_ms and not cursor.is_time:
        raise ExtractionError(
            f"Cursor column '{cursor.column}' ({cursor.type}) is no time, so a lookback means nothing for it. "
            "Set lookback: '0 seconds', or choose a time as cursor."
        )
    column = identifier(cursor.column)
    once = table.write == "append"
    conditions = []
    if since is not None:
        step = f" - interval '{table.lookback_ms} milliseconds'" if table.lookback_ms else ""
        start = session.cell(f"SELECT ({literal(since)}::{cursor.type}{step})::{cursor.type}::text") or since
        _must_have_been(session, table, cursor, start)
        conditions.append(f"{column} {'>' if once else '>='} {literal(start)}::{cursor.type}")
    until = "<" if once and cursor.is_time else "<="
    conditions.append("false" if up_to is None else f"{column} {until} {literal(up_to)}::{cursor.type}")
    stray = out_of_range(cursor)
    if stray:
        conditions.append(f"NOT ({stray})")
    return " AND ".join(conditions)


def _must_have_been(session: Session, table: Table, cursor: Cursor, start: str) -> None:
    """Rows that are written until a start in the future would count as read."""
    if not cursor.is_time:
        return
    zones = (
        f"(VALUES ('UTC'), ({literal(table.timezone)}), ((SELECT reset_val FROM pg_settings WHERE name = 'TimeZone')))"
    )
    latest = (
        "clock_timestamp()"
        if cursor.type == "timestamptz"
        else f"(SELECT max(clock_timestamp() AT TIME ZONE zone) FROM {zones} AS zones (zone))"
    )
    now = session.cell(
        f"SELECT now::text FROM (SELECT {latest} AS now) AS clock "
        f"WHERE {literal(start)}::{cursor.type} > now::{cursor.type}"
    )
    if now is not None:
        raise ExtractionError(
            f"Cursor column '{cursor.column}' was read up to {start}, which lies in the future of the source "
            f"(its clock: {now}): rows that it writes until then would count as read. Set its clock right; where rows "
            "are merged, a lookback longer than the difference reads them again; or drop the table in the warehouse "
            "and run again."
        )


def out_of_range(cursor: Cursor) -> str | None:
    """Cursors that no interval can ever hold, and that nothing follows; None where the type has none."""
    column = identifier(cursor.column)
    if cursor.is_time:
        return f"{column} < '0001-01-01'::{cursor.type} OR {column} >= '10000-01-01'::{cursor.type}"
    return f"{column}::text IN ('NaN', 'Infinity', '-Infinity')" if cursor.type == "numeric" else None


def usable_mark(table: Table, cursor: Cursor) -> str | None:
    """The mark to read on from, None for the beginning. One of another column or type is not used.

    Raises ExtractionError for such a mark where reading from the beginning would append all rows a second time.
    """
    mark = table.mark
    if mark is None or table.mode != "incremental":
        return None
    known = mark.column is not None
    belongs = not known or (mark.column == cursor.column and mark.type == cursor.order)
    written = WRITTEN.get(cursor.type)
    if belongs and (written is None or re.fullmatch(written, mark.value)):
        return mark.value
    if table.write != "append":
        return None
    of = f" of '{mark.column}' ({mark.type})" if known else ""
    raise ExtractionError(
        f"Table '{table.name}' was read up to a mark{of} that is no value of its cursor '{cursor.column}' "
        f"({cursor.type}): where to go on cannot be told, and 'append' from the beginning would bring every row twice. "
        "Go back to the cursor before, use write: 'merge', or drop the table in the warehouse and run again."
    )


@dataclass(frozen=True)
class Facts:
    """What the snapshot says of a table's cursors, beside the rows that are extracted."""

    mark: str | None
    """Greatest cursor of the extraction, never below the mark before."""
    greatest: str | None = None
    """Greatest cursor of the whole table, strays aside; None without rows, or without a mark to compare it with."""
    nulls: int = 0
    stray: int = 0
    future: int = 0
    before: int = 0
    counted: Interval | None = None
    """The interval that `before` counts; None where none is wanted, or its days cannot be told apart."""


def cursor_facts(
    session: Session, table: Table, relation: Relation, cursor: Cursor, condition: str, since: str | None, at: str
) -> Facts:
    """One pass where no index helps. Raises ExtractionError where rows would stay behind for ever."""
    column = identifier(cursor.column)
    stray = out_of_range(cursor)
    now = f"{literal(at)}::timestamptz" + (
        "" if cursor.type == "timestamptz" else f" AT TIME ZONE {literal(table.timezone)}"
    )
    # Cut otherwise than today's, it may have no days: a count that only warns must not keep rows from being read.
    wanted = table.before if table.before and cursor.is_time and is_cut(cursor, table.before) else None
    counts = {
        "nulls": f"{column} IS NULL" if cursor.nullable else None,
        "stray": stray,
        "future": f"{column} > ({now})::{cursor.type} AND NOT ({stray}) AND NOT ({condition})"
        if cursor.is_time
        else None,
        "before": interval_condition(cursor, wanted, table.timezone) if wanted else None,
    }
    each = ", ".join(_counted(cursor, relation, name, what) for name, what in counts.items())
    mark = f"{literal(since)}::{cursor.type}" if since is not None else f"NULL::{cursor.type}"
    greatest = f"CASE WHEN m IS NULL THEN NULL ELSE greatest(m, {mark}) END::text AS mark"
    own = f"NOT ({stray})" if stray else "true"

    def newest(where: str) -> str:
        if cursor.indexed:
            return f"(SELECT max({column}) FROM {relation.name} WHERE {where})"
        return f"max({column}) FILTER (WHERE {where})"

    all_of_it = "NULL" if since is None else f"{newest(own)}::text"
    facts = f"SELECT {each}, {newest(condition)} AS m, {all_of_it} AS greatest"
    if not cursor.indexed:
        facts += f" FROM {relation.name}"
    [row] = session.rows(f"SELECT {', '.join(counts)}, greatest, {greatest} FROM ({facts}) AS facts")
    found = Facts(row["mark"], row["greatest"], *(int(row[name]) for name in counts), wanted)
    _must_allow(table, cursor, found)
    return found


def _counted(cursor: Cursor, relation: Relation, name: str, what: str | None) -> str:
    if what is None:
        return f"0 AS {name}"
    if cursor.indexed:
        return f"(SELECT count(*) FROM {relation.name} WHERE {what}) AS {name}"
    return f"count(*) FILTER (WHERE {what}) AS {name}"


def left_behind(cursor: Cursor, facts: Facts) -> list[dict[str, Any]]:
    """What stays behind, as the manifest shows it."""
    rules = [
        ("rows without a cursor are left out", facts.nulls),
        ("rows whose cursor no interval can hold are left out", facts.stray),
        ("rows whose cursor lies in the future are left to later intervals", facts.future),
    ]
    return [{"column": cursor.column, "rule": rule, "rows": rows} for rule, rows in rules if rows]


def _must_allow(table: Table, cursor: Cursor, facts: Facts) -> None:
    if facts.nulls and table.cursor_nulls != "exclude":
        raise ExtractionError(
            f"Table '{table.name}' has {_rows(facts.nulls)} whose cursor '{cursor.column}' is NULL: they belong to no "
            "interval. Fill the column, or set cursorNulls: 'exclude' to leave such rows out and count them."
        )
    if facts.stray and table.cursor_out_of_range != "exclude":
        what = "infinite, or outside of the years 1 to 9999" if cursor.is_time else "infinite, or no number"
        raise ExtractionError(
            f"Table '{table.name}' has {_rows(facts.stray)} whose cursor '{cursor.column}' is {what}: no interval will "
            "ever hold them. Correct the values, or set cursorOutOfRange: 'exclude' to leave such rows out and count "
            "them."
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _fits(column: SourceColumn, fitting: tuple[str, ...]) -> bool:
    return column.type.built_in and column.type.kind == "b" and column.type.name in fitting
