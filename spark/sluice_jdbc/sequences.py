"""Numbers that a table counts on by, and sources that go back below them. The reasoning is in connectors/source."""

from typing import Any

from .cursor import Cursor
from .failures import ExtractionError
from .postgres_catalog import Relation
from .session import Session
from .sql import literal

TEXTS = ("text", "varchar")


def must_count_in_order(session: Session, relation: Relation, cursor: Cursor, once: bool) -> None:
    """A sequence that gives out several values at once, to be used later, is followed by no number.

    Where rows are appended (`once`), a sequence or a unique index must see to it that no number comes twice.
    """
    subject = f"Cursor column '{cursor.column}' of table {relation.name}"
    sequences = _sequences(session, relation, cursor)
    for found in sequences:
        if (found["step"], found["cache"], found["cycles"]) != ("1", "1", False):
            cycle = ", CYCLE" if found["cycles"] else ""
            raise ExtractionError(
                f"{subject} gets its values from sequence "
                f"{found['name']} (INCREMENT {found['step']}, CACHE {found['cache']}{cycle}), which gives them out in "
                "blocks, so that smaller ones arrive after greater ones and would be missed. Choose a time as cursor, "
                f"use mode 'snapshot', or ALTER SEQUENCE {found['name']} INCREMENT 1 CACHE 1 NO CYCLE."
            )
    if not once:
        return
    if cursor.type in TEXTS:
        raise ExtractionError(
            f"{subject} is a text, which later rows need not come after, so an 'append' would miss some. "
            "Choose a time, or a number that a sequence gives, as cursor; or use write: 'merge'."
        )
    if sequences and relation.kind != "v":
        return
    if not session.rows(UNIQUE.format(oid=relation.oid, column=literal(cursor.column))):
        raise ExtractionError(
            f"{subject} is a number that no sequence gives and no unique index guards: a row that comes later with the "
            "last number that was read would be missed by 'append'. CREATE UNIQUE INDEX ON the column, choose a time "
            "as cursor, or use write: 'merge'."
        )


def followed(session: Session, relation: Relation, cursor: Cursor, mark: str, greatest: str | None) -> list[str]:
    """Whether a source goes on from a mark: hints that it was set back, in words. Raises ExtractionError for proof."""
    number = not cursor.is_time and cursor.type not in TEXTS
    sequences = _sequences(session, relation, cursor) if number else []
    given = ", ".join(literal(each["last"]) for each in sequences if each["last"] is not None)
    newest = "NULL" if greatest is None else literal(greatest)
    [row] = session.rows(
        f"SELECT {newest}::{cursor.type} < {literal(mark)}::{cursor.type} AS behind, last::text AS last, "
        f"{f'{literal(mark)}::{cursor.type} > last' if number else 'NULL::boolean'} AS beyond "
        f"FROM (SELECT max(given) AS last FROM unnest(ARRAY[{given}]::numeric[]) AS given) AS sequences"
    )
    behind, beyond, last = row["behind"], row["beyond"], row["last"]
    names = ", ".join(each["name"] for each in sequences)
    go_on = "; ".join(f"SELECT setval({literal(each['name'])}, {mark})" for each in sequences)
    if beyond and behind is not False:
        raise ExtractionError(
            f"Table {relation.name} was read up to {mark} of '{cursor.column}', and its sequence {names} stands at "
            f"{last}: the source was set back (a backup restored, a stale copy that took over), and new rows get "
            "numbers that count as read. Drop the table in the warehouse and run again, which reads it from its "
            f"beginning; or let the numbers go on ({go_on}), and bring what was written since by hand."
        )
    if beyond:
        return [
            f"it has numbers up to {greatest}, and its sequence {names} stands at {last}: rows that it numbers will "
            f"count as read, and be missed. Let it go on from there: SELECT setval({literal(names)}, {greatest})"
        ]
    # A sequence that has gone on says that the newest rows were only deleted.
    if not behind or beyond is False:
        return []
    return [
        f"it was read up to {mark} of '{cursor.column}', and has rows up to {greatest} only: the newest were deleted, "
        "or the source was set back to an older state, and rows that it writes anew below the mark are missed; then "
        "drop the table in the warehouse and run again"
    ]


def _sequences(session: Session, relation: Relation, cursor: Cursor) -> list[dict[str, Any]]:
    return session.rows(SEQUENCES.format(oid=relation.oid, column=literal(cursor.column)))


SEQUENCES = """
WITH RECURSIVE below AS (
  SELECT {oid}::oid AS oid UNION SELECT part.oid FROM below b, LATERAL (
    SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i WHERE i.inhparent = b.oid
    UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
      AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass WHERE r.ev_class = b.oid) AS part
)
SELECT s.seqrelid::regclass::text AS name, s.seqincrement::text AS step, s.seqcache::text AS cache,
  s.seqcycle AS cycles,
  max(CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE, SELECT')
    THEN pg_sequence_last_value(s.seqrelid) END)::text AS last
FROM below
JOIN pg_catalog.pg_attribute a ON a.attrelid = below.oid
JOIN LATERAL (
  SELECT d.objid AS oid FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    AND d.deptype IN ('a', 'i')
  UNION SELECT d.refobjid FROM pg_catalog.pg_attrdef e JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
  WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum
) AS used ON true
JOIN pg_catalog.pg_sequence s ON s.seqrelid = used.oid
WHERE a.attname = {column} GROUP BY s.seqrelid, 2, 3, 4"""
"""Of the column itself, and of columns of its name in children and in what a view reads."""

UNIQUE = """
SELECT i.indexrelid::text AS index FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
WHERE i.indrelid = {oid} AND a.attname = {column} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
  AND i.indnkeyatts = 1
  AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))"""
"""An index of a table says nothing of its children, but for partitions."""
