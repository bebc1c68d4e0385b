"""Folders of partitions, as Spark names them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sluice_datasets.make import _partition_of, _partitions
from sluice_datasets.request import Dataset

TEXTS = ["a:b", "50%", "it's", "a/b", "x=y", "[1]", "q?", "tab\tend", "ü", "plain", "", None]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


def test_a_partition_is_called_what_spark_calls_its_folder(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.createDataFrame([(at, text) for at, text in enumerate(TEXTS)], "id int, x string")
    rows.write.partitionBy("x").parquet(str(tmp_path / "out"))
    dataset = Dataset(name="silver.t", uri=str(tmp_path), partitioned_by=["x"], present=None)
    written = {_partition_of(str(path), dataset) for path in (tmp_path / "out").rglob("*.parquet")}
    assert _partitions(dataset, rows) == written
