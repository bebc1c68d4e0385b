"""The last state of each key, from changes as the lake has them (docs/cdc.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

OWN = ["_op", "_commit_lsn", "_seq", "_commit_time", "_unchanged", "_base"]


@dataclass(frozen=True)
class Outcome:
    """What changes leave of the keys that they touch."""

    rows: DataFrame
    """Of keys that are there afterwards, with `_commit_time` of the last change."""
    keys: DataFrame
    """All keys that were touched: what there was of them before goes."""
    truncated: bool
    """What was there before goes as a whole."""


def outcome(loads: list[DataFrame], key: list[str], before: Callable[[DataFrame], DataFrame] | None) -> Outcome:
    """
    @param loads changes, oldest first
    @param before gives the rows that were there of the keys of a frame; None: there were none
    """
    changes = reduce(_union, loads)
    if not _has_unchanged(changes):
        return _of_one(changes, key, None)
    # A load says what is unchanged against all before it: one after the other.
    first, *rest = loads
    done = _of_one(first, key, before)
    for load in rest:
        done = _then(done, load, key, before)
    return done


def _has_unchanged(changes: DataFrame) -> bool:
    return not changes.filter((F.col("_op") != "D") & F.col("_unchanged").isNotNull()).isEmpty()


def _then(done: Outcome, load: DataFrame, key: list[str], before: Callable[[DataFrame], DataFrame] | None) -> Outcome:
    def until_then(keys: DataFrame) -> DataFrame:
        known = done.rows.join(keys, key, "leftsemi")
        untouched = keys.join(done.keys, key, "leftanti")
        return known if before is None or done.truncated else _union(known, before(untouched))

    next = _of_one(load, key, until_then)
    rows = next.rows if next.truncated else _union(done.rows.join(next.keys, key, "leftanti"), next.rows)
    return Outcome(
        rows.localCheckpoint(),
        done.keys.union(next.keys).distinct(),
        done.truncated or next.truncated,
    )


def _of_one(changes: DataFrame, key: list[str], before: Callable[[DataFrame], DataFrame] | None) -> Outcome:
    place = F.struct("_commit_lsn", "_seq")
    truncation = changes.filter(F.col("_op") == "T").agg(F.max(place).alias("at")).first()["at"]
    if truncation is not None:
        lsn, seq = F.lit(truncation["_commit_lsn"]), F.lit(truncation["_seq"])
        later = (F.col("_commit_lsn") == lsn) & (F.col("_seq") > seq)
        changes = changes.filter((F.col("_commit_lsn") > lsn) | later)
    newest = Window.partitionBy(*key).orderBy(F.desc("_commit_lsn"), F.desc("_seq"))
    last = changes.withColumn("_rank", F.row_number().over(newest)).filter("_rank = 1").drop("_rank")
    rows = last.filter("_op <> 'D'")
    if before is not None or _has_unchanged(rows):
        rows = _filled(rows, changes, key, before)
    keep = [name for name in rows.columns if name not in OWN or name == "_commit_time"]
    return Outcome(rows.select(*keep), last.select(*key), truncation is not None)


def _filled(
    rows: DataFrame, changes: DataFrame, key: list[str], before: Callable[[DataFrame], DataFrame] | None
) -> DataFrame:
    """Puts in what the source has not sent: what the row had, by the key that it had before the load."""
    names = {row["name"] for row in rows.select(F.explode(_unchanged()).alias("name")).distinct().collect()}
    if not names:
        return rows
    if before is None:
        raise ValueError(f"Changes leave out {sorted(names)}, and no row of before has them.")
    deleted = changes.filter("_op = 'D'").select(
        F.concat_ws(":", "_commit_lsn", "_seq").alias("_base"), *[F.col(name).alias(f"_was_{name}") for name in key]
    )
    rows = rows.join(deleted, "_base", "left")
    for name in key:
        rows = rows.withColumn(
            f"_was_{name}", F.when(F.col("_base").isNull(), F.col(name)).otherwise(F.col(f"_was_{name}"))
        )
    partial = rows.filter(F.col("_unchanged").isNotNull())
    asked = partial.select(*[F.col(f"_was_{name}").alias(name) for name in key]).distinct()
    found = before(asked).select(
        *[F.col(name).alias(f"_was_{name}") for name in key],
        *[F.col(name).alias(f"_had_{name}") for name in sorted(names)],
        F.lit(True).alias("_found"),
    )
    rows = rows.join(found, [f"_was_{name}" for name in key], "left")
    if not rows.filter(F.col("_unchanged").isNotNull() & F.col("_found").isNull()).isEmpty():
        raise ValueError("Changes leave out values of rows that are not there. Raise the dataset's 'revision'.")
    for name in sorted(names):
        value = F.when(F.array_contains(_unchanged(), name), F.col(f"_had_{name}")).otherwise(F.col(name))
        rows = rows.withColumn(name, value)
    extra = [name for name in rows.columns if name.startswith(("_was_", "_had_")) or name == "_found"]
    return rows.drop(*extra)


def _unchanged() -> Column:
    return F.coalesce(F.from_json("_unchanged", "array<string>"), F.array().cast("array<string>"))


def _union(one: DataFrame, other: DataFrame) -> DataFrame:
    return one.unionByName(other, allowMissingColumns=True)


def read(spark: SparkSession, files: list[str]) -> DataFrame:
    """Parquet files as they are: names of folders are no columns."""
    return spark.read.option("recursiveFileLookup", "true").option("mergeSchema", "true").parquet(*files)
