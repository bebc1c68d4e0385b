"""What may go wrong, in words without the values of rows, and whether trying again can help."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from .values import without_values

Kind = Literal["terminal", "transient", "unreachable"]
"""As core/errors.ts has them: of no use to try again; tried so many times; tried for as long as the pipeline waits."""

# The rules of connectors/source/postgres/errors.ts: https://www.postgresql.org/docs/current/errcodes-appendix.html
UNREACHABLE = re.compile(r"57P0[0-35]|57000|53[1-4]00|08...|40...|58...|72000|55P03")
TERMINAL = re.compile(r"28P01|28000|XX00[12]|(0A|20|21|22|23|26|2F|34|38|39|3D|3F|42|44|54|F0|HV)...")
AWAY = re.compile(
    r"invalid snapshot identifier|connection( to \S+)? refused|connection attempt failed|connection has been closed"
    r"|connection reset|broken pipe|I/O error occurred while sending|(connect|connection|read) timed out"
    r"|terminating connection|the database system is |not accepting connections|too many (clients|connections)"
    r"|remaining connection slots|could not serialize|conflict with recovery|deadlock detected|could not obtain lock",
    re.IGNORECASE,
)
"""The same without a code; the session that held the snapshot is gone where nobody knows it any more."""
BUSY = re.compile(r"Throttl|TooManyRequests|SlowDown|ExpiredToken")
DENIED = re.compile(r"AccessDenied|NotAuthorized")
OTHER_NAME = "could not be verified by hostnameverifier"
"""How the driver says that a certificate is another host's."""
WORDS_LIMIT = 1_500  # characters

ADVICE: dict[Kind, str] = {
    "terminal": "Correct it at the source or in the pipeline.",
    "transient": "Try again.",
    "unreachable": "See that it runs and can be reached; it is tried again.",
}


class ExtractionError(Exception):
    """A failure in words of ours, which name the table and the next step; what somebody else said is kept apart."""

    def __init__(self, message: str, kind: Kind = "terminal", said: str | None = None) -> None:
        super().__init__(message if said is None else f"{message}: {said}. {ADVICE[kind]}")
        self.message = message
        self.kind = kind
        self.said = said

    def document(self) -> dict[str, Any]:
        """As the result file tells it."""
        said = {} if self.said is None else {"said": {"words": self.said, "advice": ADVICE[self.kind]}}
        return {"outcome": "failed", "kind": self.kind, "message": self.message, **said}


def described(error: BaseException, table: str) -> ExtractionError:
    """Turns whatever was thrown into words; the cause is the first line that the database or Spark said."""
    if isinstance(error, ExtractionError):
        return error
    told = _told(error)
    said = _first_line(without_values(told.words))[:WORDS_LIMIT]
    return ExtractionError(f"Table '{table}' could not be read", told.kind, said)


@dataclass(frozen=True)
class Told:
    words: str
    kind: Kind


def _told(error: BaseException) -> Told:
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is not None:
        return _told_by_java(java)
    if isinstance(error, ClientError):
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        away = BUSY.search(code) or status >= 500 or status == 429
        return Told(str(error), "unreachable" if away else "terminal" if DENIED.search(code) else "transient")
    away = isinstance(error, ConnectionError | HTTPClientError)
    return Told(f"{type(error).__name__}: {error}", "unreachable" if away else "transient")


def _told_by_java(java: Any) -> Told:  # noqa: ANN401 (a java.lang.Throwable)
    chain = [java]
    while chain[-1].getCause() is not None:
        chain.append(chain[-1].getCause())
    root = chain[-1]
    of_database = next((each for each in chain if "SQLException" in _class(each)), None)
    if of_database is not None:
        words = str(of_database.getMessage())
        if not root.equals(of_database):
            words = f"{_first_line(words)} ({_first_line(str(root.toString()))})"
        return Told(words, kind_of(of_database.getSQLState() or "", words))
    # An exception that came from an executor may be only text here.
    nested = re.search(r"PSQLException: (.*)", str(root.toString()), re.DOTALL)
    words = nested.group(1) if nested else str(root.toString())
    return Told(words, "unreachable" if _class(root).startswith("java.net.") else kind_of("", words))


def kind_of(state: str, words: str) -> Kind:
    """By SQLSTATE; by words where there is none. What cannot be placed may pass."""
    if OTHER_NAME in words:
        return "terminal"
    if "invalid snapshot identifier" in words or UNREACHABLE.fullmatch(state):
        return "unreachable"
    if state:
        return "terminal" if TERMINAL.fullmatch(state) else "transient"
    return "unreachable" if AWAY.search(without_values(words)) else "transient"


def _class(java: Any) -> str:  # noqa: ANN401 (a java.lang.Throwable)
    return java.getClass().getName()


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message").rstrip(".")
