"""A session in the database that holds the snapshot which all of a table's readers share."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from .request import Source
from .secret import Credentials
from .sql import literal

DRIVER = "org.postgresql.Driver"
APPLICATION = "sluice"
CONNECT_SECONDS = 15

SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    # A scan that starts where another one is would give rows in another order.
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # Rows that a policy hides must fail the extraction, not be missing from it.
    "row_security": "off",
    "lock_timeout": "60s",
    # The session that holds the snapshot has nothing to do while rows flow.
    "idle_in_transaction_session_timeout": "0",
}
"""What every session of an extraction sets, so that texts and order are the same on every run."""


@dataclass(frozen=True)
class Address:
    """What JDBC needs, for the driver's own session and for Spark's readers."""

    url: str
    user: str
    password: str
    tls: dict[str, str]
    """Properties of the driver."""

    @staticmethod
    def of(source: Source, credentials: Credentials, tls: dict[str, str]) -> "Address":
        options = f"ApplicationName={APPLICATION}&connectTimeout={CONNECT_SECONDS}&tcpKeepAlive=true"
        options += "&logServerErrorDetail=false"  # it quotes rows
        url = f"jdbc:postgresql://{source.host}:{source.port}/{source.database}?{options}"
        return Address(url, credentials.user, credentials.password, tls)


class Session:
    """One connection, opened on Spark's driver over JDBC: Glue has no other PostgreSQL client."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 (a java.sql.Connection)
        self._connection = connection

    def execute(self, sql: str) -> None:
        statement = self._connection.createStatement()
        try:
            statement.execute(sql)
        finally:
            statement.close()

    def cell(self, sql: str) -> str | None:
        """The first column of the first row, as text."""
        statement = self._connection.createStatement()
        try:
            result = statement.executeQuery(sql)
            return result.getString(1) if result.next() else None
        finally:
            statement.close()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows, in one piece: each value that crosses to Python costs a round trip."""
        return json.loads(self.cell(f"SELECT coalesce(json_agg(row_to_json(q)), '[]')::text FROM ({sql}) AS q") or "[]")

    def begin_snapshot(self, lock: str | None) -> tuple[str, str]:
        """Begins the transaction. Returns the snapshot's name for other sessions, and its time (ISO 8601, UTC)."""
        # None of these takes the snapshot yet: it must come after the lock.
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + _settings() + (f"; {lock}" if lock else ""))
        [row] = self.rows(
            "SELECT pg_export_snapshot() AS id, "
            "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at"
        )
        return row["id"], row["at"]


def join_statement(snapshot: str, lock: str | None) -> str:
    """What a reader runs first: Spark has begun its transaction, and nothing was asked in it yet."""
    # Someone who waits to change the table waits for the first session, so this one must not wait for them.
    locked = f"; {lock} NOWAIT" if lock else ""
    return (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
        f"SET TRANSACTION SNAPSHOT {literal(snapshot)}; {_settings()}{locked}"
    )


@contextmanager
def open_session(spark: SparkSession, address: Address) -> Iterator[Session]:
    connection = connect(spark, address)
    try:
        yield Session(connection)
    finally:
        connection.close()


def connect(spark: SparkSession, address: Address) -> Any:  # noqa: ANN401 (a java.sql.Connection)
    jvm = spark._jvm
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    driver = (
        loader.loadClass(DRIVER)
        .getDeclaredConstructor(spark.sparkContext._gateway.new_array(jvm.java.lang.Class, 0))
        .newInstance(spark.sparkContext._gateway.new_array(jvm.java.lang.Object, 0))
    )
    properties = jvm.java.util.Properties()
    properties.setProperty("user", address.user)
    properties.setProperty("password", address.password)
    for name, value in address.tls.items():
        properties.setProperty(name, value)
    return driver.connect(address.url, properties)


def _settings() -> str:
    return "; ".join(f"SET LOCAL {name} = {literal(value)}" for name, value in SETTINGS.items())
