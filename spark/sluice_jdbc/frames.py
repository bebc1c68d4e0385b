"""From JDBC to Parquet: one Spark partition, and so one file, for each part."""

import re
from functools import reduce

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from .columns import CarriedColumn
from .session import DRIVER, Address

FETCH_ROWS = 10_000

SPARK_TYPES: dict[str, t.DataType] = {
    "boolean": t.BooleanType(),
    "int16": t.ShortType(),
    "int32": t.IntegerType(),
    "int64": t.LongType(),
    "float32": t.FloatType(),
    "float64": t.DoubleType(),
    "string": t.StringType(),
    "json": t.StringType(),
    "uuid": t.StringType(),
    "binary": t.BinaryType(),
    "date": t.DateType(),
    "timestamp": t.TimestampNTZType(),
    "timestamptz": t.TimestampType(),
}


def spark_type(canonical: str) -> t.DataType:
    decimal = re.fullmatch(r"decimal\((\d+),(\d+)\)", canonical)
    if decimal:
        return t.DecimalType(int(decimal[1]), int(decimal[2]))
    return SPARK_TYPES[canonical.split("(")[0]]


def read_parts(spark: SparkSession, address: Address, queries: list[str], join: str) -> DataFrame:
    """Each query on a session of its own, all of which see the snapshot that `join` names."""
    reader = spark.read.format("jdbc").options(
        url=address.url,
        user=address.user,
        password=address.password,
        driver=DRIVER,
        fetchsize=str(FETCH_ROWS),
        sessionInitStatement=join,
        pushDownPredicate="false",
        **address.tls,
    )
    return reduce(DataFrame.unionAll, [reader.option("query", query).load() for query in queries])


def write_parquet(frame: DataFrame, columns: list[CarriedColumn], uri: str) -> tuple[int, int]:
    """Writes all rows. Returns how many there are, and how many of them do not arrive exactly."""
    observed = Observation()
    counted = frame.observe(observed, f.count(f.lit(1)).alias("rows"), f.count_if(f.col("loss")).alias("losses"))
    typed = counted.select(*[_value(index, column) for index, column in enumerate(columns)])
    typed.write.mode("overwrite").option("compression", "zstd").parquet(uri)
    found = observed.get
    return found["rows"], found["losses"]


def _value(index: int, column: CarriedColumn) -> Column:
    raw = f.col(f"c{index}")
    match column.type:
        case "date":
            value = f.expr(f"date_from_unix_date(c{index})")
        case "timestamptz":
            value = f.timestamp_micros(raw)
        case "timestamp":
            value = f.timestamp_micros(raw).cast("timestamp_ntz")
        case _:
            value = raw.cast(spark_type(column.type))
    return value.alias(column.name)
