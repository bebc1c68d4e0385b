"""From what travels to what is in the files, on a real Spark."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from extract_jdbc import spark_session
from pyspark.sql import SparkSession
from pyspark.sql import types as t
from sluice_jdbc.columns import CarriedColumn
from sluice_jdbc.frames import spark_type, write_parquet
from sluice_jdbc.postgres_types import Carriage


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    session = spark_session()
    yield session
    session.stop()


def columns(**types: str) -> list[CarriedColumn]:
    return [CarriedColumn(name, True, Carriage(type_, name)) for name, type_ in types.items()]


def test_writes_values_under_their_names_and_counts_rows_and_losses(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.createDataFrame(
        [(17744, 1533117600123456, Decimal("1.50"), False), (None, None, None, True)],
        "c0 int, c1 bigint, c2 decimal(5,2), loss boolean",
    )
    counted = write_parquet(frame, columns(day="date", at="timestamp", amount="decimal(5,2)"), str(tmp_path / "out"))
    assert counted == (2, 1)
    written = spark.read.parquet(str(tmp_path / "out"))
    assert [field.dataType for field in written.schema] == [t.DateType(), t.TimestampNTZType(), t.DecimalType(5, 2)]
    [row] = [row for row in written.collect() if row.day]
    assert row.day == date(2018, 8, 1)
    assert (row.at.isoformat(), row.amount) == ("2018-08-01T10:00:00.123456", Decimal("1.50"))


def test_replaces_what_an_earlier_attempt_left(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.createDataFrame([(1, False)], "c0 int, loss boolean")
    for _ in range(2):
        write_parquet(frame, columns(id="int32"), str(tmp_path / "out"))
    assert spark.read.parquet(str(tmp_path / "out")).count() == 1


@pytest.mark.parametrize(
    ("canonical", "expected"), [("string(5)", t.StringType()), ("decimal(38,9)", t.DecimalType(38, 9))]
)
def test_knows_every_canonical_type(canonical: str, expected: t.DataType) -> None:
    assert spark_type(canonical) == expected
