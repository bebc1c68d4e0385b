"""Columns as the lake's manifests name their types, in Spark's."""

import re

from pyspark.sql import types as T

_TYPES: dict[str, T.DataType] = {
    "string": T.StringType(),
    "boolean": T.BooleanType(),
    "int16": T.ShortType(),
    "int32": T.IntegerType(),
    "int64": T.LongType(),
    "float32": T.FloatType(),
    "float64": T.DoubleType(),
    "date": T.DateType(),
    "timestamp": T.TimestampNTZType(),
    "timestamptz": T.TimestampType(),
    "binary": T.BinaryType(),
    "json": T.StringType(),
}


def spark_schema(columns: list[dict[str, str]]) -> T.StructType:
    """Of `[{ name, type }]`. @raises ValueError for a type that has no counterpart"""
    return T.StructType([T.StructField(each["name"], _type(each["type"])) for each in columns])


def _type(name: str) -> T.DataType:
    decimal = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", name)
    if decimal:
        return T.DecimalType(int(decimal[1]), int(decimal[2]))
    plain = _TYPES.get(re.sub(r"\(\d+\)$", "", name))
    if plain is None:
        raise ValueError(f"Columns of type '{name}' cannot be carried into a dataset. Exclude them.")
    return plain
