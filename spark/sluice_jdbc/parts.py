"""Cuts a table into parts, a file each; depends on the table's size only, as connectors/source cuts it."""

import json
import math
from dataclasses import dataclass

from .columns import CarriedColumn
from .postgres_catalog import Leaf, Relation, read_leaves
from .session import Session

PART_BYTES = 512 * 2**20
"""Bytes in the source that make one part; Parquet takes a half to a tenth of them."""
SMALL_BYTES = 32 * 2**20
"""Below this a second reader costs more than it saves."""
LARGE_SHARE = 0.25
"""Share of the table above which reading all of it by pages beats an index."""
RANGES_FROM = 140000
"""Before PostgreSQL 14 a range of ctids means a scan of the whole table."""

INFINITE_DAYS = 2**31 - 1
INFINITE_MICROS = 2**63 - 1


@dataclass(frozen=True)
class PageRange:
    """Pages `[start, end)` of a leaf; open where `end` is None."""

    name: str
    start: int
    end: int | None


Part = list[PageRange] | None
"""None: the relation as PostgreSQL plans it."""


def plan_parts(session: Session, relation: Relation, condition: str | None) -> list[Part]:
    if int(session.cell("SELECT current_setting('server_version_num')") or 0) < RANGES_FROM:
        return [None]
    leaves = read_leaves(session, relation)
    if not leaves:
        return [None]
    if condition is not None:
        all_rows, _ = _plan(session, f"SELECT * FROM {relation.name}")
        some_rows, scans = _plan(session, f"SELECT * FROM {relation.name} WHERE {condition}")
        if not scans and some_rows < all_rows * LARGE_SHARE:
            return [None]
    return list(cut_into_parts(leaves))


def cut_into_parts(leaves: list[Leaf]) -> list[list[PageRange]]:
    total = sum(leaf.bytes for leaf in leaves)
    count = 1 if total < SMALL_BYTES else 2 * math.ceil(total / (2 * PART_BYTES))
    size = total / count
    parts: list[list[PageRange]] = [[]]
    room = size
    for leaf in leaves:
        per_page = leaf.bytes / max(leaf.pages, 1)
        start = 0
        while len(parts) < count and per_page > 0 and (leaf.pages - start) * per_page > room:
            end = start + math.floor(room / per_page)
            if end > start:
                parts[-1].append(PageRange(leaf.name, start, end))
            parts.append([])
            room = size
            start = end
        # Open at the end: the table may have grown since its pages were counted.
        parts[-1].append(PageRange(leaf.name, start, None))
        room -= (leaf.pages - start) * per_page
    return [part for part in parts if part]


def part_query(part: Part, relation: Relation, columns: list[CarriedColumn], condition: str | None) -> str:
    """Columns `c0`, `c1`, … and `loss`, which is true in a row that does not arrive exactly."""
    values = [f"{_transport(column)} AS c{index}" for index, column in enumerate(columns)]
    losses = [f"({column.carriage.loss.sql})" for column in columns if column.carriage.loss]
    values.append(f"coalesce({' OR '.join(losses) or 'false'}, false) AS loss")
    selected = ", ".join(values)
    if part is None:
        return f"SELECT {selected} FROM {relation.name}" + (f" WHERE {condition}" if condition else "")
    selects = []
    for pages in part:
        conditions = [f"ctid >= '({pages.start},0)'::tid"] if pages.start else []
        conditions += [f"ctid < '({pages.end},0)'::tid"] if pages.end is not None else []
        conditions += [f"({condition})"] if condition else []
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        selects.append(f"SELECT {selected} FROM ONLY {pages.name}{where}")
    return " UNION ALL ".join(selects)


def loss_query(relation: Relation, columns: list[CarriedColumn], condition: str | None) -> str:
    """Counts the rows each column loses: `n<i>`."""
    counts = [
        f"count(*) FILTER (WHERE {column.carriage.loss.sql}) AS n{index}"
        for index, column in enumerate(columns)
        if column.carriage.loss
    ]
    return f"SELECT {', '.join(counts)} FROM {relation.name}" + (f" WHERE {condition}" if condition else "")


def _transport(column: CarriedColumn) -> str:
    """Days and times travel as whole numbers, for the JVM's calendars change some; texts as text, unpadded."""
    sql = column.carriage.sql
    match column.type.split("(")[0]:
        case "date":
            return f"CASE {_infinite(sql, INFINITE_DAYS)} ELSE ({sql}) - '1970-01-01'::date END::int4"
        case "timestamp" | "timestamptz":
            micros = (
                f"extract(epoch FROM date_trunc('second', {sql}))::int8 * 1000000 "
                f"+ extract(microseconds FROM {sql})::int8 % 1000000"
            )
            far = f"WHEN {column.carriage.loss.sql} THEN NULL " if column.carriage.loss else ""
            return f"CASE {_infinite(sql, INFINITE_MICROS)} {far}ELSE {micros} END::int8"
        case "string" | "json" | "uuid":
            return f"({sql})::text"
        case _:
            return sql


def _infinite(sql: str, number: int) -> str:
    return f"WHEN {sql} = 'infinity' THEN {number} WHEN {sql} = '-infinity' THEN -{number}"


def _plan(session: Session, query: str) -> tuple[float, bool]:
    """Estimated rows, and whether the plan reads a table from end to end."""
    plan = json.loads(session.cell(f"EXPLAIN (FORMAT JSON) {query}") or "[]")[0]["Plan"]
    return plan["Plan Rows"], _scans(plan)


def _scans(node: dict) -> bool:
    return node["Node Type"] == "Seq Scan" or any(_scans(child) for child in node.get("Plans", []))
