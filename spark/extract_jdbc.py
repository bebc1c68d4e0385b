"""Reads all tables of a run over JDBC into Parquet files, and leaves a result file for each.

Arguments: `--request-uri` (JSON, see sluice_jdbc/request.py), `--connection-secret-arn`, `--token`. A table that fails
does not hold up the others; at the end it fails the job, which names it. Runs on AWS Glue 5.1 and on local Spark.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession
from sluice_jdbc.failures import ExtractionError, described
from sluice_jdbc.request import VERSION, Request, Table, parse_request
from sluice_jdbc.secret import read_credentials
from sluice_jdbc.session import Address
from sluice_jdbc.storage import read_json, write_json
from sluice_jdbc.table import extract_table
from sluice_jdbc.tls import find_address

TALKATIVE = {
    "org.apache.spark.executor.Executor": "OFF",
    "org.apache.spark.scheduler.DAGScheduler": "WARN",
    "org.apache.spark.scheduler.TaskSchedulerImpl": "WARN",
    "org.apache.spark.scheduler.TaskSetManager": "OFF",
    "org.apache.spark.sql.execution.datasources.FileFormatWriter": "OFF",
    "org.apache.spark.util.Utils": "OFF",
}
"""Log what the database said of a row, whole. The table's result says why it failed, without values."""


def main(argv: list[str]) -> None:
    options = getResolvedOptions(argv, ["request_uri", "connection_secret_arn", "token"])
    request = parse_request(read_json(options["request_uri"]))
    if request.token != options["token"]:
        raise ValueError(f"The request is for token {request.token}, the job was started with {options['token']}.")
    failed = [failure for failure in read_all(request, options["connection_secret_arn"]) if failure]
    if failed:
        raise ExtractionError(f"{len(failed)} of {len(request.tables)} tables failed. " + " | ".join(map(str, failed)))


def read_all(request: Request, secret_arn: str) -> list[ExtractionError | None]:
    spark = spark_session()
    try:
        address = find_address(spark, request.source, read_credentials(secret_arn))
    except Exception as error:
        return [give_up(table, error) for table in request.tables]
    with ThreadPoolExecutor(request.concurrency) as pool:
        return list(pool.map(lambda each: run(spark, address, request, each), request.tables))


def run(spark: SparkSession, address: Address, request: Request, table: Table) -> ExtractionError | None:
    """Writes the result file whatever happens; gives the failure back."""
    try:
        extracted = extract_table(spark, address, request, table)
    except Exception as error:
        return give_up(table, error)
    write_json(table.result_uri, extracted.document(table))
    print(f"table {table.name}: {extracted.rows} rows", flush=True)
    return None


def give_up(table: Table, error: Exception) -> ExtractionError:
    failure = described(error, table.name)
    write_json(table.result_uri, {"version": VERSION, "table": table.name, **failure.document()})
    print(f"table {table.name}: failed: {failure}", flush=True)
    return failure


def spark_session() -> SparkSession:
    """Days and times are written as they are, in UTC; what Spark sets here it sets for this job only."""
    spark = (
        SparkSession.builder.appName("sluice-extract")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
        .config("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED")
        .config("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .getOrCreate()
    )
    log4j = spark._jvm.org.apache.logging.log4j
    for name, level in TALKATIVE.items():
        log4j.core.config.Configurator.setLevel(name, log4j.Level.valueOf(level))
    return spark


if __name__ == "__main__":
    main(sys.argv)
