"""Makes a dataset from the tables that it is made from, and writes its files."""

from collections.abc import Callable
from posixpath import dirname

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from sluice_datasets.changes import OWN, outcome, read
from sluice_datasets.request import Dataset, Table, leave
from sluice_datasets.schema import spark_schema

NULL = "__HIVE_DEFAULT_PARTITION__"
ESCAPED = "\"#%'*/:=?\\\x7f{[]^"
AT_ONCE = 2  # tasks that write: each partition is written by one of them, into one file

Step = Callable[..., DataFrame]


def session(name: str) -> SparkSession:
    spark = (
        SparkSession.builder.appName(name)
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.sql.session.timeZone", "UTC")
        # The faster reader knows not every encoding that the lake's files have.
        .config("spark.sql.parquet.enableVectorizedReader", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    # Publications have sums of their own; and without Hadoop's native library each file of sums is another process.
    files = spark.sparkContext._jvm.org.apache.hadoop.fs.FileSystem
    files.getLocal(spark.sparkContext._jsc.hadoopConfiguration()).setWriteChecksum(False)
    return spark


def make(spark: SparkSession, dataset: Dataset, clean: Step) -> None:
    """
    Makes a dataset of one table: the last state of each row, cleaned. Where there is a state to go on from, only what
    has changed is looked at, and only the partitions that it touches are written. Or of several, all snapshots.
    @param clean gives rows their columns, those of the partitions too; done again with its own rows, it changes
        nothing. Its parameters are the tables, by their order in the dataset's `from`
    """
    tables = list(dataset.tables.values())
    if all(table.mode == "snapshot" for table in tables):
        rows = [_loads(spark, table)[0].drop(*OWN) for table in tables]
        write(dataset, clean(*rows), [], "all")
        return
    if len(tables) > 1:
        raise ValueError(f"{dataset.name}: of several tables a dataset is made here where all are snapshots.")
    (table,) = tables
    loads = _loads(spark, table)
    key = table.primary_key
    present = read(spark, dataset.present) if dataset.present and not table.whole else None
    before = None if present is None else lambda keys: present.join(keys, key, "leftsemi")
    left = outcome(loads, key, before)
    rows = clean(left.rows.withColumnRenamed("_commit_time", "changed_at")).cache()
    if present is None or left.truncated:
        write(dataset, rows, key, "all")
    elif not dataset.partitioned_by:
        write(dataset, present.join(left.keys, key, "leftanti").unionByName(rows, True), key, "all")
    else:
        gone = clean(present.join(left.keys, key, "leftsemi"))
        touched = _partitions(dataset, gone) | _partitions(dataset, rows)
        files = [file for file in dataset.present or [] if _partition_of(file, dataset) in touched]
        if files:
            kept = clean(read(spark, files).join(left.keys, key, "leftanti"))
            rows = kept.unionByName(rows, True)
        write(dataset, rows, key, sorted(touched))
    spark.catalog.clearCache()


def write(dataset: Dataset, rows: DataFrame, key: list[str], replaces: str | list[str]) -> None:
    """
    Writes files and, at last, what they are, in the place of what a killed attempt at the same work has left. The same
    rows lie in the same files, in the same order.
    """
    parts = dataset.partitioned_by
    columns = [name for name in rows.columns if name not in parts] + parts
    rows = rows.select(*columns)
    order = parts + (key or [name for name in columns if name not in parts])
    placed = rows.repartition(AT_ONCE, *parts) if parts else rows.repartition(1)
    placed.sortWithinPartitions(*order).write.mode("overwrite").partitionBy(*parts).parquet(dataset.uri)
    described = [{"name": field.name, "type": field.dataType.simpleString()} for field in rows.schema.fields]
    leave(dataset.uri, "_dataset.json", {"columns": described, "replaces": replaces})


def _partitions(dataset: Dataset, rows: DataFrame) -> set[str]:
    found = rows.select(*dataset.partitioned_by).distinct().collect()
    return {"/".join(f"{name}={_folder(row[name])}" for name in row.__fields__) for row in found}


def _folder(value: object) -> str:
    """As Spark names it: https://github.com/apache/spark, ExternalCatalogUtils.escapePathName."""
    text = "" if value is None else str(value)
    return "".join(f"%{ord(each):02X}" if each in ESCAPED or ord(each) < 32 else each for each in text) or NULL


def _partition_of(file: str, dataset: Dataset) -> str:
    folders = dirname(file).split("/")
    return "/".join(folders[-len(dataset.partitioned_by) :])


def _loads(spark: SparkSession, table: Table) -> list[DataFrame]:
    return [read(spark, files) for files in table.loads if files] or [_no_rows(spark, table)]


def _no_rows(spark: SparkSession, table: Table) -> DataFrame:
    return spark.createDataFrame([], spark_schema(table.columns))


def row_id(*columns: str) -> Column:
    """The same for the same values, over runs and machines."""
    return F.substring(F.sha2(F.to_json(F.struct(*columns), {"ignoreNullFields": "false"}), 256), 1, 32)
