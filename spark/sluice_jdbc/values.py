"""Words of a database without the values of rows: they reach logs, whose readers may not read the rows.

What goes on to the worker is cleaned there once more, by the finer rules of core/values.ts.
"""

import re

NAMED = (
    "relation|column|table|schema|database|role|user|host|type|function|operator|constraint|index|view|sequence"
    "|extension|parameter|enum|attribute|encoding"
)
"""Words after which PostgreSQL quotes a name, and not a value."""

QUOTED = re.compile(rf"""\b(?:{NAMED}) (?:"[^"]*"|'[^']*')|(?<!\w)(["'])(?:.*\1|.*)""", re.DOTALL)
BEHIND = re.compile(r"\n\s*(?:DETAIL|CONTEXT|Detail|Where|Hint|HINT)\b:?.*", re.DOTALL)
NUMBER = re.compile(r"\b(value|key|number|string)s? [+-]?\d[\w.:+-]*", re.IGNORECASE)


def without_values(text: str) -> str:
    """What is quoted goes, up to the last quote, unless a word before it says that it is a name; details go whole."""

    def left(found: re.Match[str]) -> str:
        quote = found.group(1)
        return f"{quote}…{quote}" if quote else found.group(0)

    return NUMBER.sub(r"\1 …", QUOTED.sub(left, BEHIND.sub("", text)))
