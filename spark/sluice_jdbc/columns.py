"""Decides how every column of a table travels."""

from dataclasses import dataclass

from .failures import ExtractionError
from .postgres_catalog import SourceColumn
from .postgres_overrides import overridden_carriage
from .postgres_types import Carriage, Refused, carriage_of, key
from .request import Table


@dataclass(frozen=True)
class CarriedColumn:
    name: str
    nullable: bool
    carriage: Carriage

    @property
    def type(self) -> str:
        return self.carriage.type


def carry_columns(table: Table, columns: list[SourceColumn]) -> list[CarriedColumn]:
    """Raises ExtractionError with every problem at once."""
    names = [column.name for column in columns]
    problems = [
        f"{field} names column '{name}', which the table does not have; it has {', '.join(names)}."
        for field, wanted in (
            ("exclude", table.exclude),
            ("types", table.types),
            ("primaryKey", table.primary_key),
        )
        for name in wanted
        if name not in names
    ]
    taken: dict[str, str] = {}
    carried: list[CarriedColumn] = []
    for column in columns:
        if column.name in table.exclude:
            continue
        twin = taken.setdefault(column.name.lower(), column.name)
        if twin != column.name:
            problems.append(
                f"columns '{twin}' and '{column.name}' differ only by case, which Parquet readers do not tell apart; "
                "exclude one, or extract a view that renames it."
            )
        elif not column.readable:
            problems.append(
                f"column '{column.name}' may not be read: GRANT SELECT on the table to the connection's user, "
                f"or exclude: ['{key(column.name)}']."
            )
        else:
            try:
                carried.append(CarriedColumn(column.name, column.nullable, _carriage(table, column)))
            except Refused as refusal:
                problems.append(str(refusal))
    if not problems and not carried:
        problems.append("no column is left to extract.")
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ExtractionError(f"Table '{table.name}' (source {table.origin}) has {count}:\n{listed}")
    return carried


def _carriage(table: Table, column: SourceColumn) -> Carriage:
    wanted = table.types.get(column.name)
    return (
        carriage_of(column.name, column.type)
        if wanted is None
        else overridden_carriage(column.name, column.type, wanted, table.timezone)
    )
