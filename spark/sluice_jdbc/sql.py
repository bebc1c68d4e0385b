"""Text that PostgreSQL reads."""

import re


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal for any `standard_conforming_strings`."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def qualified_name(origin: str, default_schema: str) -> tuple[str, str]:
    """Schema and table of `table`, `schema.table` or `"my.schema"."my.table"`. Case is never folded."""
    found = re.findall(r'"((?:[^"]|"")*)"(?:\.|$)|([^".]+)(?:\.|$)', origin)
    parts = [quoted.replace('""', '"') if quoted else plain for quoted, plain in found]
    if len(parts) < 2:
        return default_schema, parts[0] if parts else origin
    return parts[0], ".".join(parts[1:])


def quoted(schema: str, table: str) -> str:
    return f"{identifier(schema)}.{identifier(table)}"
