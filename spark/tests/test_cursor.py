"""Which rows a run is responsible for."""

import pytest
from sluice_jdbc.cursor import Cursor, cursor_of, interval_condition
from sluice_jdbc.failures import ExtractionError
from sluice_jdbc.postgres_catalog import Relation, SourceColumn
from sluice_jdbc.postgres_types import PostgresType
from sluice_jdbc.request import Table, parse_request

RELATION = Relation(1, "public", "orders", "r", True)


def a_column(name: str, type_: str) -> SourceColumn:
    return SourceColumn(name, PostgresType(type_, True, "b", -1, type_), False, True, False)


def a_table(mode: str, cursor: str | None) -> Table:
    return Table("orders", "orders", mode, cursor, "fail", 0, (), (), {}, None, "s3://b/data/", "s3://b/result.json")


@pytest.mark.parametrize(
    ("type_", "low", "high"),
    [
        ("timestamp", "'2018-08-01 00:00:00'::timestamp", "'2018-08-01 12:00:00'::timestamp"),
        ("timestamptz", "'2018-08-01T00:00:00Z'::timestamptz", "'2018-08-01T12:00:00Z'::timestamptz"),
        ("date", "'2018-08-01'::date", "'2018-08-02'::date"),
    ],
)
def test_takes_rows_from_the_start_to_before_the_end(type_: str, low: str, high: str) -> None:
    cursor = Cursor("at", type_, False, False)
    condition = interval_condition(cursor, "2018-08-01T00:00:00Z", "2018-08-01T12:00:00Z")
    assert condition == f'"at" >= {low} AND "at" < {high}'


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
    with pytest.raises(ValueError, match=r"version 2, this job reads 1.*same release"):
        parse_request({"version": 2})
