"""How tables are cut into files, and what is asked of PostgreSQL for each."""

from itertools import pairwise

from sluice_jdbc.columns import CarriedColumn
from sluice_jdbc.parts import PART_BYTES, PageRange, cut_into_parts, loss_query, part_query
from sluice_jdbc.postgres_catalog import Leaf, Relation
from sluice_jdbc.postgres_types import Carriage, Loss

PAGE = 8192
RELATION = Relation(1, "public", "orders", "r", True)


def leaf(pages: int, name: str = "t") -> Leaf:
    return Leaf(name, pages, pages * PAGE)


def test_leaves_a_small_table_whole() -> None:
    assert cut_into_parts([leaf(100)]) == [[PageRange("t", 0, None)]]


def test_cuts_a_large_table_into_an_even_number_of_parts_that_cover_it() -> None:
    parts = cut_into_parts([leaf(3 * PART_BYTES // PAGE)])
    assert len(parts) == 4
    ranges = [one for part in parts for one in part]
    assert ranges[0].start == 0
    assert ranges[-1].end is None
    assert all(a.end == b.start for a, b in pairwise(ranges))


def test_puts_many_small_partitions_into_one_part() -> None:
    assert cut_into_parts([leaf(1, "a"), leaf(1, "b")]) == [[PageRange("a", 0, None), PageRange("b", 0, None)]]


def test_asks_for_pages_and_condition_together() -> None:
    columns = [CarriedColumn("id", False, Carriage("int32", '"id"'))]
    sql = part_query([PageRange('"public"."orders"', 5, 9)], RELATION, columns, '"id" > 3 OR true')
    assert sql == (
        'SELECT "id" AS c0, coalesce(false, false) AS loss FROM ONLY "public"."orders" '
        "WHERE ctid >= '(5,0)'::tid AND ctid < '(9,0)'::tid AND (\"id\" > 3 OR true)"
    )


def test_marks_rows_that_lose_something_and_counts_them_without_a_value_of_one() -> None:
    columns = [CarriedColumn("n", True, Carriage("decimal(5,2)", '"n"', Loss("\"n\" = 'NaN'", "NaN")))]
    assert "coalesce((\"n\" = 'NaN'), false) AS loss" in part_query(None, RELATION, columns, None)
    counted = loss_query(RELATION, columns, None)
    assert counted == 'SELECT count(*) FILTER (WHERE "n" = \'NaN\') AS n0 FROM "public"."orders"'
