"""Parses a JSON list of statements in sqlfluff's redshift dialect; prints a JSON list with what is wrong with each, or null."""

import json
import sys

from sqlfluff.core import Linter

linter = Linter(dialect="redshift")


def problem(sql: str) -> str | None:
    violations = linter.parse_string(f"{sql};\n").violations
    return "; ".join(violation.desc() for violation in violations) or None


json.dump([problem(sql) for sql in json.load(sys.stdin)], sys.stdout)
