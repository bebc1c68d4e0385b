"""What a job is asked for: arguments and the document at `--input-uri`."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse


@dataclass(frozen=True)
class Table:
    """Files of a table in the lake, pinned for this attempt."""

    mode: str
    primary_key: list[str]
    columns: list[dict[str, str]]
    """Of its newest load: `[{ name, type }]`, types as manifests name them."""
    whole: bool
    """They hold all of the table."""
    loads: list[list[str]]
    """Files of each load, oldest first."""


@dataclass(frozen=True)
class Dataset:
    name: str
    uri: str
    partitioned_by: list[str]
    present: list[str] | None
    """Files of what it is now; None where it is to be made anew."""
    tables: dict[str, Table] = field(default_factory=dict)


def datasets() -> list[Dataset]:
    """The datasets that are to be made."""
    document = _read(_argument("--input-uri"))
    return [_dataset(name, given) for name, given in document["datasets"].items()]


def leave(uri: str, name: str, document: dict[str, Any]) -> None:
    """Writes a small document beside the files of a dataset."""
    if _is_in_s3(uri):
        from sluice_jdbc.storage import write_json

        write_json(f"{uri}/{name}", document)
        return
    folder = Path(_path(uri))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document))


def _read(uri: str) -> dict[str, Any]:
    if _is_in_s3(uri):
        from sluice_jdbc.storage import read_json

        return read_json(uri)
    return json.loads(Path(_path(uri)).read_text())


def _is_in_s3(uri: str) -> bool:
    return urlparse(uri).scheme == "s3"


def _dataset(name: str, given: dict[str, Any]) -> Dataset:
    tables = {
        table: Table(
            mode=each["mode"],
            primary_key=each["primaryKey"],
            columns=each["columns"],
            whole=each["whole"],
            loads=[load["files"] for load in each["loads"]],
        )
        for table, each in given["from"].items()
    }
    present = given["present"]
    return Dataset(name, given["uri"], given["partitionedBy"], present and present["files"], tables)


def _argument(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1]


def _path(uri: str) -> str:
    parsed = urlparse(uri)
    if parsed.scheme != "file":
        raise ValueError(f"{uri} is neither a file nor in S3.")
    return unquote(parsed.path)
