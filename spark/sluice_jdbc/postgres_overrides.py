"""Columns in the type that a pipeline sets in `types`. No cast here rounds or raises: what would change is a loss."""

import re

from .postgres_types import Carriage, Loss, PostgresType, Refused, carriage_of, far_time, key
from .sql import identifier, literal

WHOLE = {
    "int16": ("int2", "-32768", "32767"),
    "int32": ("int4", "-2147483648", "2147483647"),
    "int64": ("int8", "-9223372036854775808", "9223372036854775807"),
}
NUMBERS = ("int2", "int4", "int8", "oid", "numeric", "float4", "float8", "money")
FLOATS = ("float4", "float8")
TEXTS = ("text", "varchar", "bpchar", "json", "jsonb")
NOT_A_NUMBER = "('NaN', 'Infinity', '-Infinity')"
UUID = "'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'"


def overridden_carriage(name: str, type_: PostgresType, to: str, timezone: str = "UTC") -> Carriage:
    """Raises Refused where a column of this type cannot become `to`."""
    native: Carriage | None
    try:
        native = carriage_of(name, type_)
    except Refused:
        native = None
    if native and native.type == to:
        return native
    found = _built_in(name, type_.name, to, timezone) if type_.built_in and type_.kind == "b" else None
    if found:
        return found
    limit = _length(to)
    if limit is not None and type_.kind != "p":
        return _text(name, type_, to, limit)
    raise Refused(name, type_.declared, f"cannot become {to}; correct types: {{ {key(name)}: … }}, or take it out")


def _built_in(name: str, origin: str, to: str, timezone: str) -> Carriage | None:
    column = identifier(name)
    if origin in NUMBERS:
        return _number(column, origin, to)
    text = f"{column}::text"
    if origin in TEXTS and to == "uuid":
        return Carriage(to, text, Loss(f"{text} !~ {UUID}", "text that is no UUID in lower case"))
    if origin in TEXTS and to == "json":
        return Carriage(to, text, Loss(f"NOT ({text} IS JSON)", "text that is no JSON"))
    return _time(column, origin, to, literal(timezone))


def _number(column: str, origin: str, to: str) -> Carriage | None:
    exact = f"{column}::text::numeric" if origin in FLOATS else f"{column}::numeric"
    bounded = origin not in (*FLOATS, "numeric")
    unbounded = "false" if bounded else f"{column}::text IN {NOT_A_NUMBER}"
    decimal = re.fullmatch(r"decimal\((\d+),(\d+)\)", to)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        loss = (
            f"CASE WHEN {unbounded} THEN true "
            f"ELSE abs({exact}) >= 1e{precision - scale} OR {exact} <> round({exact}, {scale}) END"
        )
        sql = f"(CASE WHEN {loss} THEN NULL ELSE {exact} END)::numeric({precision},{scale})"
        return Carriage(to, sql, Loss(loss, f"a number that does not fit {to}"))
    if to in WHOLE:
        target, least, greatest = WHOLE[to]
        loss = (
            f"CASE WHEN {unbounded} THEN true "
            f"ELSE {exact} <> trunc({exact}) OR {exact} NOT BETWEEN {least} AND {greatest} END"
        )
        sql = f"(CASE WHEN {loss} THEN NULL ELSE {exact} END)::{target}"
        return Carriage(to, sql, Loss(loss, f"a number that does not fit {to}"))
    if to != "float64" or origin == "money":
        return None
    if origin == "float4":
        return Carriage(to, f"{column}::float8")
    # A double holds a number exactly enough when its shortest text is that number again.
    loss = (
        f"CASE WHEN {unbounded} THEN false "
        f"WHEN abs({exact}) > 1.7e308 OR (abs({exact}) < 1e-307 AND {exact} <> 0) THEN true "
        f"ELSE {column}::float8::text::numeric <> {exact} END"
    )
    sql = f"(CASE WHEN {loss} THEN NULL ELSE {column}::float8 END)"
    return Carriage(to, sql, Loss(loss, "a number that a double does not hold"))


def _time(column: str, origin: str, to: str, zone: str) -> Carriage | None:
    """Days and times turn into each other in the table's zone."""
    utc = f"({column} AT TIME ZONE {zone})" if origin == "timestamptz" else column
    if origin == "date" and to in ("timestamp", "timestamptz"):
        loss = far_time(column)
        stamp = f"(CASE WHEN {loss.sql} THEN NULL ELSE {column} END)::timestamp"
        return Carriage(to, stamp if to == "timestamp" else f"({stamp} AT TIME ZONE {zone})", loss)
    if origin == "timestamp" and to == "timestamptz":
        return Carriage(to, f"({column} AT TIME ZONE {zone})", far_time(column))
    if origin == "timestamptz" and to == "timestamp":
        return Carriage(to, utc, far_time(column))
    if origin in ("timestamp", "timestamptz") and to == "date":
        return Carriage(to, f"{utc}::date", Loss(f"{utc}::date::timestamp <> {utc}", "a time of day"))
    return None


def _text(name: str, type_: PostgresType, to: str, limit: float) -> Carriage:
    column = identifier(name)
    padded = type_.built_in and type_.name == "bpchar"
    sql = f"textin(bpcharout({column}))" if padded else f"{column}::text"
    if limit == float("inf"):
        return Carriage(to, sql)
    return Carriage(to, sql, Loss(f"char_length({sql}) > {limit}", f"more than {limit} characters"))


def _length(to: str) -> float | None:
    if to == "string":
        return float("inf")
    match = re.fullmatch(r"string\((\d+)\)", to)
    return int(match[1]) if match else None
