"""Reads Airflow DAG files by their syntax alone: nothing of them is run, and no Airflow is needed.

    python3 cli/airflow/reader FILE…   → one JSON document: [{file, dags: […], unread: […], uses: […], version}]

Statements are followed in their order (`walk.py`, `calls.py`); whatever in the text makes, or may make, a task, a DAG or an order and was
not followed is named in `unread` with its line (`sweep.py`). What is no literal is `{"$code": source}`, a timedelta `{"$seconds": n}`, a
moment `{"$at": wall time, "zone": name or null}`.
"""

import ast
import json
import sys

from sweep import changed_names, sweep, uses_of, version_of
from values import as_json
from walk import Walk


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        tree = ast.parse(text, path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return {"file": path, "dags": [], "unread": [], "uses": [], "version": None, "problem": str(error)}
    except SyntaxError as error:
        problem = f"line {error.lineno}: {error.msg}"
        return {"file": path, "dags": [], "unread": [], "uses": [], "version": None, "problem": problem}
    walk = Walk(changed_names(tree))
    walk.statements(tree.body)
    sweep(walk, tree)
    return {
        "file": path,
        "dags": [dag_of(dag) for dag in walk.dags],
        "unread": sorted(walk.unreads, key=lambda each: each["line"]),
        "uses": uses_of(tree, text),
        "version": version_of(tree),
    }


def dag_of(dag):
    tasks = [
        {"id": task.identity, "kind": task.kind, "line": task.line, "given": as_json(task.given), "mapped": task.mapped}
        for task in dag.tasks
    ]
    return {"id": dag.identity, "line": dag.line, "given": as_json(dag.given), "tasks": tasks, "edges": dag.edges}


if __name__ == "__main__":
    json.dump([read(path) for path in sys.argv[1:]], sys.stdout)
