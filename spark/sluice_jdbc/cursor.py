"""Which rows a run is responsible for: conditions on the ordering column, as connectors/source makes them."""

from dataclasses import dataclass
from datetime import date, timedelta

from .failures import ExtractionError
from .postgres_catalog import Relation, SourceColumn
from .request import Table
from .session import Session
from .sql import identifier, literal

TIMES = ("timestamp", "timestamptz", "date")
COUNTERS = ("int2", "int4", "int8", "oid", "numeric", "text", "varchar")


@dataclass(frozen=True)
class Cursor:
    column: str
    type: str
    nullable: bool
    indexed: bool

    @property
    def is_time(self) -> bool:
        return self.type in TIMES


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


def interval_condition(cursor: Cursor, start: str, end: str) -> str:
    """Rows in `[start, end)`. A day stands for its midnight, a time without zone for UTC."""
    column = identifier(cursor.column)
    low, high = (f"{literal(_bound(cursor.type, at))}::{cursor.type}" for at in (start, end))
    return f"{column} >= {low} AND {column} < {high}"


def incremental_condition(session: Session, table: Table, cursor: Cursor, up_to: str | None) -> str:
    """Rows from the mark, minus the lookback, up to the horizon; both ends inclusive, so that ties are read again."""
    if table.lookback_ms and not cursor.is_time:
        raise ExtractionError(
            f"Cursor column '{cursor.column}' ({cursor.type}) is no time, so a lookback means nothing for it. "
            "Set lookback: '0 seconds', or choose a time as cursor."
        )
    column = identifier(cursor.column)
    conditions = []
    if table.high_water_mark is not None:
        step = f" - interval '{table.lookback_ms} milliseconds'" if table.lookback_ms else ""
        start = session.cell(f"SELECT ({literal(table.high_water_mark)}::{cursor.type}{step})::{cursor.type}::text")
        conditions.append(f"{column} >= {literal(start or table.high_water_mark)}::{cursor.type}")
    conditions.append("false" if up_to is None else f"{column} <= {literal(up_to)}::{cursor.type}")
    return " AND ".join(conditions)


def cursor_facts(
    session: Session, table: Table, relation: Relation, cursor: Cursor, condition: str
) -> tuple[int, str | None]:
    """Rows without a cursor, and the greatest cursor of the extraction, never below the mark before."""
    column = identifier(cursor.column)
    before = table.high_water_mark if table.mode == "incremental" else None
    mark = f"{literal(before)}::{cursor.type}" if before is not None else f"NULL::{cursor.type}"
    greatest = f"CASE WHEN m IS NULL THEN NULL ELSE greatest(m, {mark}) END::text AS mark"
    if cursor.indexed or not cursor.nullable:
        empty = f"(SELECT count(*) FROM {relation.name} WHERE {column} IS NULL)" if cursor.nullable else "0"
        facts = f"SELECT max({column}) AS m FROM {relation.name} WHERE {condition}"
        [row] = session.rows(f"SELECT {empty} AS nulls, {greatest} FROM ({facts}) AS facts")
    else:
        facts = (
            f"SELECT count(*) FILTER (WHERE {column} IS NULL) AS nulls, "
            f"max({column}) FILTER (WHERE {condition}) AS m FROM {relation.name}"
        )
        [row] = session.rows(f"SELECT nulls, {greatest} FROM ({facts}) AS facts")
    nulls = int(row["nulls"])
    if nulls and table.cursor_nulls != "exclude":
        rows = "row" if nulls == 1 else "rows"
        raise ExtractionError(
            f"Table '{table.name}' has {nulls} {rows} whose cursor '{cursor.column}' is NULL: they belong to no "
            "interval. Fill the column, or set cursorNulls: 'exclude' to leave such rows out and count them."
        )
    return nulls, row["mark"]


def _fits(column: SourceColumn, fitting: tuple[str, ...]) -> bool:
    return column.type.built_in and column.type.kind == "b" and column.type.name in fitting


def _bound(type_: str, instant: str) -> str:
    if type_ == "timestamptz":
        return instant
    if type_ == "timestamp":
        return instant[:19].replace("T", " ")
    day = date.fromisoformat(instant[:10])
    # The first midnight not before it.
    return str(day if instant.endswith("T00:00:00Z") else day + timedelta(days=1))
