"""Extracts one table."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from .columns import CarriedColumn, carry_columns
from .cursor import (
    Cursor,
    Facts,
    cursor_facts,
    cursor_of,
    incremental_condition,
    interval_condition,
    left_behind,
    usable_mark,
)
from .failures import ExtractionError
from .frames import read_parts, write_parquet
from .horizon import Horizon, Reach, find_horizon, until_written
from .parts import loss_query, part_query, plan_parts
from .postgres_catalog import Relation, find_relation, read_columns
from .request import VERSION, Request, Table
from .sequences import followed
from .session import Address, Session, join_statement, open_session
from .sql import qualified_name


@dataclass(frozen=True)
class Extracted:
    """What the result file says; the worker measures the files itself."""

    columns: list[CarriedColumn]
    rows: int
    cursor: Cursor | None
    since: str | None
    facts: Facts
    reach: Reach
    notes: list[str]
    extracted_at: str

    def document(self, table: Table) -> dict[str, Any]:
        cursor, before = self.cursor, self.facts.counted
        return {
            "version": VERSION,
            "table": table.name,
            "outcome": "extracted",
            "schema": {"columns": [{"name": c.name, "type": c.type, "nullable": c.nullable} for c in self.columns]},
            "rows": self.rows,
            "highWaterMark": self.facts.mark,
            "since": self.since,
            "coercions": left_behind(cursor, self.facts) if cursor else [],
            "reach": self.reach.document(),
            "extractedAt": self.extracted_at,
            **({"notes": self.notes} if self.notes else {}),
            **({"cursor": {"column": cursor.column, "type": cursor.order}} if cursor else {}),
            **(
                {"before": {"interval": {"start": before.start, "end": before.end}, "rows": self.facts.before}}
                if cursor and before
                else {}
            ),
        }


def extract_table(spark: SparkSession, address: Address, request: Request, table: Table) -> Extracted:
    """Bounds, columns and rows come from one snapshot. May be called again: the output is replaced."""
    with open_session(spark, address) as session:
        relation = find_relation(session, *qualified_name(table.origin, request.source.schema))
        horizon: Horizon | None = None
        if table.mode == "incremental":
            cursor = cursor_of(table, relation, read_columns(session, relation))
            if cursor:
                once = table.write == "append"
                horizon = find_horizon(session, relation, cursor, table.lookback_ms, once, table.timezone)
        if table.mode == "interval":
            until_written(session, relation, request.interval_end)
        snapshot, extracted_at = session.begin_snapshot(relation.lock)

        found = read_columns(session, relation)
        columns = carry_columns(table, found)
        cursor = cursor_of(table, relation, found)
        since = usable_mark(table, cursor) if cursor else None
        condition = _condition(session, request, table, cursor, since, horizon)
        facts = Facts(None)
        if cursor and condition:
            facts = cursor_facts(session, table, relation, cursor, condition, since, extracted_at)
        notes: list[str] = []
        if cursor and since is not None:
            notes = followed(session, relation, cursor, since, facts.greatest)

        queries = [part_query(part, relation, columns, condition) for part in plan_parts(session, relation, condition)]
        frame = read_parts(spark, address, queries, join_statement(snapshot, relation.lock))
        rows, losses = write_parquet(frame, columns, table.output_uri)
        if losses:
            raise _explained(session, relation, table, columns, condition)
        reach = horizon.reach if horizon else Reach(f"{extracted_at[:19]}Z")
        return Extracted(columns, rows, cursor, since, facts, reach, notes, extracted_at)


def _condition(
    session: Session,
    request: Request,
    table: Table,
    cursor: Cursor | None,
    since: str | None,
    horizon: Horizon | None,
) -> str | None:
    if cursor is None:
        return None
    if table.mode == "interval":
        return interval_condition(cursor, table.span, table.timezone)
    return incremental_condition(session, table, cursor, since, horizon.up_to if horizon else None)


def _explained(
    session: Session, relation: Relation, table: Table, columns: list[CarriedColumn], condition: str | None
) -> ExtractionError:
    [counts] = session.rows(loss_query(relation, columns, condition))
    problems = []
    for index, column in enumerate(columns):
        count = counts.get(f"n{index}") or 0
        if count and column.carriage.loss:
            rows = "1 row holds" if count == 1 else f"{count} rows hold"
            lost = f"{rows} {column.carriage.loss.what}, which {column.type} does not hold"
            problems.append(f"column '{column.name}': {lost}")
    return ExtractionError(
        f"Table '{table.name}' cannot be extracted exactly: {'; '.join(problems)}. "
        "Correct the values, set types: { <column>: 'string' }, or exclude the column."
    )
