"""The exact way to carry a column of each PostgreSQL type: the same canonical types as connectors/source gives."""

import re
from dataclasses import dataclass

from .sql import identifier

LAST_TIMESTAMP = "290000-01-01"
"""The last whole year that a 64-bit count of microseconds holds is 294246; PostgreSQL goes to 294276."""

PLAIN = {
    "bool": "boolean",
    "int2": "int16",
    "int4": "int32",
    "int8": "int64",
    "float4": "float32",
    "float8": "float64",
    "text": "string",
    "bytea": "binary",
    "date": "date",
    "json": "json",
    "jsonb": "json",
}


@dataclass(frozen=True)
class PostgresType:
    """A column's type, domains resolved to what they are made of. Fields as in `pg_type` and `pg_attribute`."""

    name: str
    built_in: bool
    kind: str
    modifier: int
    declared: str


@dataclass(frozen=True)
class Loss:
    """A condition that is true for a value that does not arrive exactly; null and false let the row pass."""

    sql: str
    what: str


@dataclass(frozen=True)
class Carriage:
    """The canonical type, and the expression that gives the value."""

    type: str
    sql: str
    loss: Loss | None = None


class Refused(Exception):
    """Why a column cannot be carried; ends with what to do."""

    def __init__(self, name: str, declared: str, why: str) -> None:
        super().__init__(f"column '{name}' ({declared}) {why}.")


def carriage_of(name: str, type_: PostgresType) -> Carriage:
    """Raises Refused where there is no exact way."""
    sql = identifier(name)
    if type_.kind == "p":
        raise Refused(name, type_.declared, f"has no values of its own; exclude: ['{name}']")
    if not type_.built_in or type_.kind != "b":
        return Carriage("string", f"{sql}::text")
    if type_.name in PLAIN:
        return Carriage(PLAIN[type_.name], sql)
    match type_.name:
        case "numeric":
            return _numeric(name, type_)
        case "varchar":
            return Carriage(_limited(type_), sql)
        case "bpchar":
            # A cast to text would cut the padding.
            return Carriage(_limited(type_), f"textin(bpcharout({sql}))")
        case "oid":
            return Carriage("int64", f"{sql}::int8")
        case "uuid":
            return Carriage("uuid", sql)
        case "timestamp" | "timestamptz":
            return Carriage(type_.name, sql, far_time(sql))
        case _:
            return Carriage("string", f"{sql}::text")


def numeric_modifier(modifier: int) -> tuple[int, int] | None:
    """Precision and scale. Scale is an 11-bit signed number since PostgreSQL 15."""
    if modifier < 4:
        return None
    packed = modifier - 4
    return (packed >> 16) & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024


def far_time(sql: str) -> Loss:
    return Loss(f"({sql} >= '{LAST_TIMESTAMP}' AND {sql} < 'infinity')", "a time after the year 290000")


def key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f'"{name}"'


def _numeric(name: str, type_: PostgresType) -> Carriage:
    fix = (
        f"set types: {{ {key(name)}: 'decimal(38,9)' }} (checked for loss), "
        f"types: {{ {key(name)}: 'string' }}, or exclude it"
    )
    declared = numeric_modifier(type_.modifier)
    if declared is None:
        raise Refused(name, type_.declared, f"has no declared precision; {fix}")
    # numeric(5,-2) holds whole hundreds up to 7 digits; numeric(3,5) holds fractions up to 0.00999.
    scale = max(declared[1], 0)
    precision = max(declared[0] - min(declared[1], 0), scale)
    if precision > 38:
        raise Refused(name, type_.declared, f"has more digits than a decimal holds (38); {fix}")
    loss = Loss(f"{identifier(name)} = 'NaN'", "NaN")
    return Carriage(
        f"decimal({precision},{scale})",
        # The driver fails on NaN; NULL lets the row pass to where it is counted as a loss.
        f"nullif({identifier(name)}, 'NaN')::numeric({precision},{scale})",
        loss,
    )


def _limited(type_: PostgresType) -> str:
    return "string" if type_.modifier < 5 else f"string({type_.modifier - 4})"
