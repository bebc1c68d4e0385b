"""The way each PostgreSQL type travels."""

import pytest
from sluice_jdbc.postgres_overrides import overridden_carriage
from sluice_jdbc.postgres_types import PostgresType, Refused, carriage_of


def a_type(name: str, modifier: int = -1, built_in: bool = True, kind: str = "b") -> PostgresType:
    return PostgresType(name, built_in, kind, modifier, name)


def numeric(precision: int, scale: int) -> PostgresType:
    return a_type("numeric", ((precision << 16) | (scale & 0x7FF)) + 4)


@pytest.mark.parametrize(
    ("type_", "canonical"),
    [
        (a_type("int2"), "int16"),
        (a_type("float4"), "float32"),
        (numeric(12, 2), "decimal(12,2)"),
        (numeric(5, -2), "decimal(7,0)"),
        (numeric(3, 5), "decimal(5,5)"),
        (a_type("varchar", 14), "string(10)"),
        (a_type("varchar"), "string"),
        (a_type("bpchar", 9), "string(5)"),
        (a_type("timestamptz"), "timestamptz"),
        (a_type("jsonb"), "json"),
        (a_type("oid"), "int64"),
        (a_type("inet"), "string"),
        (a_type("mood", built_in=False, kind="e"), "string"),
        (a_type("int4", built_in=False), "string"),
    ],
)
def test_becomes_its_canonical_type(type_: PostgresType, canonical: str) -> None:
    assert carriage_of("c", type_).type == canonical


@pytest.mark.parametrize("type_", [a_type("numeric"), numeric(50, 2), a_type("void", kind="p")])
def test_refuses_what_has_no_exact_way_and_says_what_to_do(type_: PostgresType) -> None:
    with pytest.raises(Refused, match=r"column 'c'.*(set types|exclude)"):
        carriage_of("c", type_)


@pytest.mark.parametrize(
    ("origin", "to"),
    [
        (a_type("numeric"), "decimal(38,9)"),
        (a_type("numeric"), "string"),
        (a_type("float8"), "decimal(10,2)"),
        (a_type("text"), "uuid"),
        (a_type("text"), "string(3)"),
        (a_type("timestamp"), "timestamptz"),
        (a_type("timestamptz"), "date"),
    ],
)
def test_takes_a_type_that_the_pipeline_sets(origin: PostgresType, to: str) -> None:
    carriage = overridden_carriage("c", origin, to)
    assert carriage.type == to
    if to != "string":
        assert carriage.loss is not None


def test_refuses_a_type_that_the_column_cannot_become() -> None:
    with pytest.raises(Refused, match="cannot become boolean"):
        overridden_carriage("c", a_type("text"), "boolean")


def test_quotes_names() -> None:
    assert carriage_of('a"b', a_type("int4")).sql == '"a""b"'
