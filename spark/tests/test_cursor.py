"""Which rows a run is responsible for."""

from dataclasses import replace

import pytest
from sluice_jdbc.cursor import (
    Cursor,
    cursor_facts,
    cursor_of,
    incremental_condition,
    interval_condition,
    usable_mark,
)
from sluice_jdbc.failures import ExtractionError
from sluice_jdbc.postgres_catalog import Relation, SourceColumn
from sluice_jdbc.postgres_types import PostgresType
from sluice_jdbc.request import Interval, Mark, Span, Table, parse_request

RELATION = Relation(1, "public", "orders", "r", True)


def a_column(name: str, type_: str) -> SourceColumn:
    return SourceColumn(name, PostgresType(type_, True, "b", -1, type_), False, True, False)


def a_table(mode: str, cursor: str | None) -> Table:
    return a_marked_table(mode, cursor, None)


def a_marked_table(mode: str, cursor: str | None, mark: Mark | None, write: str = "merge") -> Table:
    places = ("s3://b/data/", "s3://b/result.json")
    return Table(
        "orders", "orders", mode, cursor, "fail", "fail", write, "UTC", NEW_YORK_DAY, 0, (), (), {}, mark, None, *places
    )


NEW_YORK_DAY = Interval(
    "2018-08-01T04:00:00Z",
    "2018-08-02T04:00:00Z",
    Span("2018-08-01 00:00:00", "2018-08-02 00:00:00"),
    Span("2018-08-01", "2018-08-02"),
)


@pytest.mark.parametrize(
    ("type_", "low", "high"),
    [
        ("timestamp", "'2018-08-01 00:00:00'::timestamp", "'2018-08-02 00:00:00'::timestamp"),
        ("timestamptz", "'2018-08-01T04:00:00Z'::timestamptz", "'2018-08-02T04:00:00Z'::timestamptz"),
        ("date", "'2018-08-01'::date", "'2018-08-02'::date"),
    ],
)
def test_takes_rows_from_the_start_to_before_the_end(type_: str, low: str, high: str) -> None:
    condition = interval_condition(Cursor("at", type_, False, False), NEW_YORK_DAY)
    assert condition == f'"at" >= {low} AND "at" < {high}'


def test_refuses_to_cut_a_day_in_two() -> None:
    interval = Interval(NEW_YORK_DAY.start, NEW_YORK_DAY.end, NEW_YORK_DAY.local, Span(None, None))
    with pytest.raises(ExtractionError, match=r"no midnight in UTC.*Set 'timezone' of the table"):
        interval_condition(Cursor("at", "date", False, False), interval)


def test_does_not_count_an_interval_before_whose_days_cannot_be_told_apart() -> None:
    class Counted:
        def rows(self, sql: str) -> list[dict[str, str | None]]:
            return [{"mark": None, "nulls": "0", "stray": "0", "future": "0", "before": "0", "greatest": None}]

    at = "2018-08-02T05:00:00Z"
    cut_in_two = Interval(NEW_YORK_DAY.start, NEW_YORK_DAY.end, NEW_YORK_DAY.local, Span(None, None))
    for before, counted in ((cut_in_two, None), (NEW_YORK_DAY, NEW_YORK_DAY)):
        table = replace(a_table("interval", "at"), before=before)
        facts = cursor_facts(Counted(), table, RELATION, Cursor("at", "date", False, False), "true", None, at)
        assert facts.counted == counted


def test_needs_no_cursor_for_a_snapshot() -> None:
    assert cursor_of(a_table("snapshot", None), RELATION, []) is None


@pytest.mark.parametrize(
    ("mode", "cursor", "message"),
    [
        ("interval", "gone", "'gone' is not in table .*can be a cursor: at"),
        ("interval", "id", "lies in no time interval.*use mode 'incremental'"),
        ("incremental", "flag", "has no order that follows time"),
    ],
)
def test_names_the_columns_that_would_do(mode: str, cursor: str, message: str) -> None:
    columns = [a_column("at", "timestamp"), a_column("id", "int8"), a_column("flag", "bool")]
    with pytest.raises(ExtractionError, match=message):
        cursor_of(a_table(mode, cursor), RELATION, columns)


def test_refuses_a_request_of_another_version() -> None:
    with pytest.raises(ValueError, match=r"version 1, this job reads 4.*same release"):
        parse_request({"version": 1})


@pytest.mark.parametrize(
    ("type_", "mark", "expected"),
    [
        ("timestamp", Mark("2018-01-01 00:00:00", "at", "timestamp"), "2018-01-01 00:00:00"),
        ("timestamp", Mark("2018-01-01 00:00:00", None, None), "2018-01-01 00:00:00"),
        ("int8", Mark("9", "at", "number"), "9"),
        ("timestamptz", Mark("2018-01-01 00:00:00", "at", "timestamp"), None),
        ("timestamptz", Mark("2018-01-01 00:00:00", None, None), None),
        ("timestamp", Mark("2018-01-01 00:00:00", "other", "timestamp"), None),
        ("int8", Mark("9.5", "at", "number"), None),
    ],
)
def test_uses_a_mark_of_its_own_column_and_type_only(type_: str, mark: Mark, expected: str | None) -> None:
    cursor = Cursor("at", type_, False, False)
    assert usable_mark(a_marked_table("incremental", "at", mark), cursor) == expected
    appended = a_marked_table("incremental", "at", mark, "append")
    if expected is None:
        with pytest.raises(ExtractionError, match=r"no value of its cursor.*use write: 'merge'"):
            usable_mark(appended, cursor)
    else:
        assert usable_mark(appended, cursor) == expected


def test_reads_nothing_twice_where_rows_are_appended() -> None:
    class Echo:
        def cell(self, sql: str) -> str | None:
            return None if "clock_timestamp" in sql else "2018-01-01 00:00:00"

    cursor = Cursor("at", "timestamp", False, False)
    for write, ends in (("append", (">", "<")), ("merge", (">=", "<="))):
        table = a_marked_table("incremental", "at", None, write)
        found = incremental_condition(Echo(), table, cursor, "2018-01-01 00:00:00", "2018-01-02 00:00:00")
        assert f'"at" {ends[0]} \'2018-01-01' in found
        assert f'"at" {ends[1]} \'2018-01-02' in found
