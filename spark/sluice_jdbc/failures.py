"""What may go wrong, and whether trying again can help."""

import re

PERMANENT_STATES = ("0A", "22", "28", "3D", "3F", "42")
"""Classes of SQLSTATE that retrying cannot cure. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

SNAPSHOT_GONE = "invalid snapshot identifier"
OTHER_NAME = "could not be verified by hostnameverifier"
"""How the driver says that a certificate is another host's."""
MESSAGE_LIMIT = 2_000  # characters


class ExtractionError(Exception):
    """A failure in words that name the table and the next step."""

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


def described(error: BaseException, table: str) -> ExtractionError:
    """Turns whatever was thrown into words; the cause is the first line that the database or Spark said."""
    if isinstance(error, ExtractionError):
        return error
    said, state = _root_cause(error)
    permanent = (state[:2] in PERMANENT_STATES and SNAPSHOT_GONE not in said) or OTHER_NAME in said
    advice = "Correct it at the source or in the pipeline." if permanent else "Try again."
    return ExtractionError(f"Table '{table}' could not be read: {said}. {advice}"[:MESSAGE_LIMIT], not permanent)


def _root_cause(error: BaseException) -> tuple[str, str]:
    java = getattr(error, "java_exception", None)
    if java is None:
        return _first_line(str(error)), ""
    while java.getCause() is not None:
        java = java.getCause()
    text = java.toString()
    state = java.getSQLState() or "" if "SQLException" in text.split(":")[0] else ""
    # An exception that came from an executor is only text here.
    nested = re.search(r"PSQLException: (.*)", text)
    return _first_line(nested.group(1) if nested else text), state


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message").rstrip(".")
