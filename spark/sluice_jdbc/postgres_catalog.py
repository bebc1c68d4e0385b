"""What the catalog says of a table, in the session's snapshot. The same questions as connectors/source asks."""

from dataclasses import dataclass

from .failures import ExtractionError
from .postgres_types import PostgresType
from .session import Session
from .sql import literal, quoted


@dataclass(frozen=True)
class Relation:
    oid: int
    schema: str
    table: str
    kind: str
    """`pg_class.relkind`: r table, p partitioned, v view, m materialized view, f foreign."""
    readable: bool

    @property
    def name(self) -> str:
        return quoted(self.schema, self.table)

    @property
    def lock(self) -> str | None:
        """None for what cannot be locked: views, foreign tables, tables of which only some columns may be read."""
        if not self.readable or self.kind not in ("r", "p"):
            return None
        return f"LOCK TABLE {self.name} IN ACCESS SHARE MODE"


@dataclass(frozen=True)
class SourceColumn:
    name: str
    type: PostgresType
    nullable: bool
    readable: bool
    indexed: bool


@dataclass(frozen=True)
class Leaf:
    """A piece of a table that has pages of its own: the table, or a partition or child of it."""

    name: str
    pages: int
    bytes: int


def find_relation(session: Session, schema: str, table: str) -> Relation:
    rows = session.rows(RELATION.format(schema=literal(schema), table=literal(table)))
    if rows:
        return Relation(int(rows[0]["oid"]), schema, table, rows[0]["kind"], rows[0]["readable"])
    near = session.rows(NEAR.format(schema=literal(schema), table=literal(table)))
    known = ", ".join(row["name"] for row in near)
    has = f"; it has {known}" if known else ""
    raise ExtractionError(
        f"Table {quoted(schema, table)} is not in the database{has}. "
        "Correct 'from' (write it as schema.table), or create the table."
    )


def read_columns(session: Session, relation: Relation) -> list[SourceColumn]:
    """In their order: dropped ones are not there, domains are resolved to what they are made of."""
    return [
        SourceColumn(
            name=row["name"],
            nullable=not row["not_null"],
            readable=row["readable"],
            indexed=row["indexed"],
            type=PostgresType(row["type_name"], row["built_in"], row["kind"], row["modifier"], row["declared"]),
        )
        for row in session.rows(COLUMNS.format(oid=relation.oid))
    ]


def read_leaves(session: Session, relation: Relation) -> list[Leaf]:
    """None where rows must be asked of the relation itself: views, foreign tables, row security."""
    rows = session.rows(LEAVES.format(oid=relation.oid))
    if any(not row["scannable"] for row in rows):
        return []
    return [
        Leaf(quoted(row["schema"], row["table"]), int(row["pages"]), int(row["bytes"]))
        for row in rows
        if row["kind"] != "p"
    ]


RELATION = """
SELECT c.oid::int8 AS oid, c.relkind AS kind, has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = {schema} AND c.relname = {table} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""

NEAR = """
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY lower(c.relname) = lower({table}) DESC, n.nspname = {schema} DESC,
  left(lower(c.relname), 3) = left(lower({table}), 3) DESC, 1
LIMIT 8"""

# A NOT NULL constraint that was added without a check (PostgreSQL 18: NOT VALID) says nothing about older rows.
COLUMNS = """
WITH RECURSIVE resolved AS (
  SELECT a.attnum, a.attname, a.attnotnull, a.atttypid AS typid, a.atttypmod AS typmod,
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT r.attnum, r.attname, r.attnotnull, t.typbasetype,
    CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE r.typmod END, r.declared
  FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.typid WHERE t.typtype = 'd'
)
SELECT r.attname AS name, t.typname AS type_name, t.typtype AS kind, r.typmod AS modifier, r.declared,
  n.nspname = 'pg_catalog' AS built_in, has_column_privilege({oid}::oid, r.attnum, 'SELECT') AS readable,
  r.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = {oid} AND k.contype = 'n' AND NOT k.convalidated
      AND k.conkey = ARRAY[r.attnum]
  ) AS not_null,
  EXISTS (
    SELECT FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam
    WHERE i.indrelid = {oid} AND i.indkey[0] = r.attnum AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'
  ) AS indexed
FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.typid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype <> 'd' ORDER BY r.attnum"""

LEAVES = """
WITH RECURSIVE family AS (
  SELECT {oid}::oid AS oid
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)
SELECT n.nspname AS schema, c.relname AS table, c.relkind AS kind,
  c.relkind IN ('r', 'p', 'm') AND has_table_privilege(c.oid, 'SELECT') AND NOT c.relrowsecurity AS scannable,
  coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int8 AS pages,
  coalesce(pg_table_size(c.oid), 0) AS bytes
FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY f.oid = {oid} DESC, 1, 2"""
