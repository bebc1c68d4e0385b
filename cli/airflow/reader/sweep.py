"""Looks through the whole text for what makes tasks, DAGs or orders and was not followed; and what it uses."""

import ast
import re

from kinds import OPERATOR, decorator_of, is_airflow, is_dag, is_group, is_operator, is_order, last, name_of, words_of
from values import Ref, Scope

READING = {"get", "items", "keys", "values", "copy", "index", "count", "format", "join"}


def changed_names(tree):
    """Names of lists and dicts that something changes after they were made, or may: under any of their names."""
    changed, twins = set(), []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            changed.add(root_of(node))
        elif isinstance(node, ast.AugAssign):
            changed.add(root_of(node.target))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr not in READING:
                changed.add(root_of(node.func))
            if isinstance(node.func, ast.Name) and node.func.id[:1].islower() and node.func.id not in ("dict", "list", "len", "sorted"):
                changed.update(each.id for each in node.args if isinstance(each, ast.Name))
        elif isinstance(node, ast.Assign):
            inner = {each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)}
            twins += [({each.id for each in ast.walk(target) if isinstance(each, ast.Name)}, inner) for target in node.targets]
    for _ in twins:
        before = len(changed)
        for names, inner in twins:
            if names & changed:
                changed |= inner
        if len(changed) == before:
            break
    return changed


def root_of(node):
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def sweep(walk, tree):
    """Names every call, decorator and class that makes parts of a DAG and that the walk has not taken."""
    scope = Scope()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, path in scope.import_names(node):
                known = scope.get(name)
                if known is None or not is_airflow(known.path):
                    scope.bind(name, Ref(path))
    for name, value in walk.scope.values.items():
        if hasattr(value, "kind") or hasattr(value, "calls"):
            scope.bind(name, value)
    for value in walk.scope.values.values():
        if hasattr(value, "calls") and value.calls == 0:
            walk.unread(value.node, f"'{value.node.name}' is made into a DAG, and is not called here")
    callees = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            callees.add(id(node.func))
            sweep_call(walk, scope, node)
        elif isinstance(node, ast.ClassDef):
            callees.update(id(each) for each in node.bases)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for each in node.decorator_list:
                callees.add(id(each))
                called = each.func if isinstance(each, ast.Call) else each
                kind = decorator_of(scope.path_of(called))
                if kind and id(each) not in walk.taken:
                    walk.unread(node, f"'{node.name}', made into a part of a DAG by @{kind}, was not followed")
                callees.add(id(called))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in callees | walk.taken:
            path = scope.path_of(node) if isinstance(node.ctx, ast.Load) else None
            if path and is_airflow(path) and (OPERATOR.search(last(path)) or is_dag(path)):
                walk.unread(node, f"'{last(path)}' is handed on, not called")


def sweep_call(walk, scope, node):
    if id(node) in walk.taken:
        return
    path = scope.path_of(node.func)
    name = name_of(node.func)
    callee = scope.get(name) if isinstance(node.func, ast.Name) else None
    mapped = name in ("expand", "expand_kwargs", "override") and hasattr(scope.get(root_of(node.func)), "kind")
    if (
        is_operator(node, path)
        or words_of(node) & {"task_id", "group_id"}
        or (path and (is_dag(path) or is_group(path) or is_order(path)))
        or name.endswith("Dag")
        or name in ("set_upstream", "set_downstream")
        or mapped
        or hasattr(callee, "kind")
        or hasattr(callee, "calls")
    ):
        text = " ".join(ast.unparse(node).split())
        walk.unread(node, f"'{text if len(text) <= 80 else text[:77] + '...'}' was not followed")


def uses_of(tree, text):
    """Variables and Connections that the file asks for, by their names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            dotted = ast.unparse(node.func)
            kind = {"Variable.get": "variable", "get_connection": "connection"}.get(
                "Variable.get" if dotted.endswith("Variable.get") else dotted.rsplit(".", 1)[-1]
            )
            if kind and isinstance(node.args[0].value, str):
                found.add((kind, node.args[0].value))
    for match in re.finditer(r"\{\{\s*(?:var\.(?:value|json)\.([\w.]+)|conn\.(\w+))", text):
        found.add(("variable", match[1]) if match[1] else ("connection", match[2]))
    return [{"kind": kind, "name": name} for kind, name in sorted(found)]


# Modules and arguments that only one of the two has: https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html
OF_TWO = re.compile(r"^airflow\.(utils\.dates|operators\.(\w+_operator|dummy|subdag)|sensors\.\w+_sensor|contrib|hooks\.\w+_hook)(\.|$)")
WORDS_OF_TWO = {"schedule_interval", "timetable", "concurrency", "sla", "provide_context"}


def version_of(tree):
    """2 or 3, where the file says which Airflow it is written for; else None."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "airflow.sdk" or node.module.startswith("airflow.sdk."):
                found.add(3)
            if OF_TWO.search(node.module):
                found.add(2)
        elif isinstance(node, ast.Call) and words_of(node) & WORDS_OF_TWO:
            found.add(2)
    return found.pop() if len(found) == 1 else None
