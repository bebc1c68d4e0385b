"""The last state of each key, against one that is kept change by change."""

import random
from collections.abc import Iterator

import pytest
from pyspark.sql import DataFrame, SparkSession

from sluice_datasets.changes import outcome

SCHEMA = (
    "id int, name string, note string, _op string, _commit_lsn string, _seq bigint, _commit_time timestamp, "
    "_unchanged string, _base string"
)


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def change(
    op: str,
    lsn: int,
    id: int | None,
    name: str | None = None,
    note: str | None = None,
    seq: int = 1,
    unchanged: str | None = None,
    base: str | None = None,
) -> tuple:
    return (id, name, note, op, f"{lsn:08X}", seq, None, unchanged, base)


def state(present: DataFrame | None, loads: list[DataFrame]) -> tuple[set[tuple], bool]:
    """What is there afterwards, of a table that had these rows."""
    before = None if present is None else lambda keys: present.join(keys, ["id"], "leftsemi")
    left = outcome(loads, ["id"], before)
    rows = {(row["id"], row["name"], row["note"]) for row in left.rows.collect()}
    if present is not None and not left.truncated:
        kept = present.join(left.keys, ["id"], "leftanti").collect()
        rows |= {(row["id"], row["name"], row["note"]) for row in kept}
    return rows, left.truncated


def test_takes_values_that_were_not_sent_from_the_row_as_it_was(spark: SparkSession) -> None:
    present = spark.createDataFrame([(1, "one", "long"), (2, "two", "longer")], "id int, name string, note string")
    first = [
        change("U", 16, 1, "uno", None, unchanged='["note"]'),
        # Another key: the row had 2.
        change("D", 17, 2, seq=1),
        change("U", 17, 3, "tres", None, seq=2, unchanged='["note"]', base="00000011:1"),
        change("I", 18, 4, "four", "new"),
    ]
    then = [change("U", 19, 4, "quatro", None, unchanged='["note"]'), change("D", 20, 1)]
    loads = [spark.createDataFrame(each, SCHEMA) for each in (first, then)]
    assert state(present, loads) == ({(3, "tres", "longer"), (4, "quatro", "new")}, False)


def test_refuses_values_that_nobody_has(spark: SparkSession) -> None:
    load = spark.createDataFrame([change("U", 16, 1, "uno", None, unchanged='["note"]')], SCHEMA)
    present = spark.createDataFrame([], "id int, name string, note string")
    with pytest.raises(ValueError, match="revision"):
        state(present, [load])


def test_forgets_what_was_there_before_a_truncation(spark: SparkSession) -> None:
    present = spark.createDataFrame([(1, "one", None)], "id int, name string, note string")
    changes = [change("I", 16, 2, "two"), change("T", 17, None), change("I", 17, 3, "three", seq=2)]
    assert state(present, [spark.createDataFrame(changes, SCHEMA)]) == ({(3, "three", None)}, True)


def test_leaves_what_is_left_change_by_change(spark: SparkSession) -> None:
    drawn = random.Random(7)
    rows: dict[int, tuple] = {id: (id, "old", None) for id in range(5)}
    present = spark.createDataFrame(list(rows.values()), "id int, name string, note string")
    loads, lsn = [], 16
    for _ in range(3):
        load = []
        for _ in range(drawn.randrange(1, 12)):
            lsn += 1
            id = drawn.randrange(8)
            if id not in rows:
                rows[id] = (id, f"n{lsn}", None)
                load.append(change("I", lsn, *rows[id]))
            elif drawn.random() < 0.5:
                rows[id] = (id, f"n{lsn}", None)
                load.append(change("U", lsn, *rows[id]))
            else:
                del rows[id]
                load.append(change("D", lsn, id))
        loads.append(spark.createDataFrame(load, SCHEMA))
    assert state(present, loads)[0] == set(rows.values())
