"""What a run asks for: the JSON document behind `--request-uri`."""

from dataclasses import dataclass
from typing import Any

VERSION = 4


@dataclass(frozen=True)
class Tls:
    """How connections are encrypted; modes as libpq has them."""

    mode: str
    authorities: tuple[str, ...] | None
    """PEM, a certificate each, one of which must have signed the server's; None: those that Java knows."""


@dataclass(frozen=True)
class Source:
    """Where the database is. User and password are in the secret, never here."""

    host: str
    port: int
    database: str
    schema: str
    tls: Tls | None


@dataclass(frozen=True)
class Mark:
    """Where an incremental extraction goes on; `column` and `type` are None where nobody wrote its cursor down."""

    value: str
    column: str | None
    type: str | None


@dataclass(frozen=True)
class Span:
    start: str
    end: str


@dataclass(frozen=True)
class Interval(Span):
    """As cursors of each type are cut by it: by moments, local times, and days where it begins and ends with some."""

    local: Span
    days: Span


@dataclass(frozen=True)
class Table:
    """One table to read; fields as `ResolvedTable` of core/pipeline.ts has them."""

    name: str
    origin: str
    mode: str
    cursor: str | None
    cursor_nulls: str
    cursor_out_of_range: str
    write: str
    timezone: str
    span: Interval
    lookback_ms: int
    primary_key: tuple[str, ...]
    exclude: tuple[str, ...]
    types: dict[str, str]
    mark: Mark | None
    before: Interval | None
    """Its rows are counted in the same snapshot, and not read."""
    output_uri: str
    """Takes the Parquet files; what an earlier attempt left there is replaced."""
    result_uri: str


@dataclass(frozen=True)
class Request:
    token: str
    interval_start: str
    interval_end: str
    concurrency: int
    source: Source
    tables: tuple[Table, ...]


def parse_request(document: dict[str, Any]) -> Request:
    """Raises ValueError for another version; KeyError where a field is missing."""
    if document["version"] != VERSION:
        raise ValueError(
            f"The request has version {document['version']}, this job reads {VERSION}. "
            "Deploy the job and the worker of the same release."
        )
    return Request(
        token=document["token"],
        interval_start=document["interval"]["start"],
        interval_end=document["interval"]["end"],
        concurrency=document["concurrency"],
        source=_source(document["source"]),
        tables=tuple(_table(each) for each in document["tables"]),
    )


def _source(entry: dict[str, Any]) -> Source:
    tls = entry.get("tls")
    authorities = tls.get("authorities") if tls else None
    return Source(
        entry["host"],
        entry["port"],
        entry["database"],
        entry["schema"],
        Tls(tls["mode"], tuple(authorities) if authorities else None) if tls else None,
    )


def _table(entry: dict[str, Any]) -> Table:
    extract = entry["extract"]
    return Table(
        name=entry["name"],
        origin=entry["from"],
        mode=extract["mode"],
        cursor=extract.get("cursor"),
        cursor_nulls=extract.get("cursorNulls", "fail"),
        cursor_out_of_range=extract.get("cursorOutOfRange", "fail"),
        write=entry["write"],
        timezone=entry["timezone"],
        span=_interval(entry["span"]),
        lookback_ms=entry["lookbackMs"],
        primary_key=tuple(entry["primaryKey"]),
        exclude=tuple(entry["exclude"]),
        types=entry["types"],
        mark=_mark(entry["mark"]),
        before=_interval(entry["before"]) if entry["before"] else None,
        output_uri=entry["outputUri"],
        result_uri=entry["resultUri"],
    )


def _mark(entry: dict[str, Any] | None) -> Mark | None:
    if entry is None:
        return None
    cursor = entry["cursor"] or {}
    return Mark(entry["value"], cursor.get("column"), cursor.get("type"))


def _interval(entry: dict[str, Any]) -> Interval:
    return Interval(entry["start"], entry["end"], Span(**entry["local"]), Span(**entry["days"]))
