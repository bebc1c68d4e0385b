"""Which calls make tasks, DAGs and orders, and of which it is known that they make none."""

import ast
import re
import sys

OPERATOR = re.compile(r"(Operator|Sensor|TaskGroup|Transfer)(Async)?$")
ORDERS = {"chain", "cross_downstream", "chain_linear"}
VERBS = {"set_upstream", "set_downstream", "expand", "expand_kwargs", "partial", "override"}
DECORATORS = {"dag", "task", "task_group", "setup", "teardown"}

UNSAFE_BUILTINS = {"exec", "eval", "compile", "__import__", "setattr", "delattr", "getattr", "globals", "locals", "vars", "type", "super"}
UNSAFE_MODULES = {"importlib", "runpy", "pkgutil", "operator", "multiprocessing", "concurrent", "code", "types", "ctypes"}
SAFE_MODULES = {"pendulum", "yaml", "pytz", "dateutil", "dotenv", "kubernetes"}
# Airflow's own that make no task, beside classes that are no operators.
SAFE_AIRFLOW = re.compile(
    r"\.(Variable\.get|BaseHook\.get_connection|Connection\.get\w*|days_ago|conf\.\w+|"
    r"timezone\.(datetime|utcnow|parse|make_aware|convert_to_utc))$"
)


def last(path):
    return path.rsplit(".", 1)[-1]


def is_airflow(path):
    return path is not None and path.split(".")[0] in ("airflow", "cosmos", "airflow_dbt", "airflow_dbt_python")


def is_dag(path):
    return is_airflow(path) and last(path) == "DAG"


def is_order(path):
    return is_airflow(path) and last(path) in ORDERS


def is_label(path):
    return is_airflow(path) and last(path) == "Label"


def is_group(path):
    return is_airflow(path) and last(path) == "TaskGroup"


def decorator_of(path):
    """`task.branch` of Airflow's decorators; None for others."""
    if not is_airflow(path):
        return None
    parts = path.split(".")
    for at, part in enumerate(parts):
        if part in DECORATORS and parts[at - 1] in ("decorators", "sdk", "airflow"):
            return ".".join(parts[at:])
    return None


def name_of(node):
    """The last part of a dotted name: `models.DAG` is `DAG`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def words_of(call):
    return {word.arg for word in call.keywords}


def is_operator(call, path):
    """Whether a call makes a task, as far as its name says it; Airflow's own need no name that says so where they get a `task_id`."""
    name = last(path) if path else name_of(call.func)
    if OPERATOR.search(name):
        return True
    return is_airflow(path) and name[:1].isupper() and "task_id" in words_of(call)


def makes_nothing(call, path):
    """Whether a call of something imported or built in is known to make no task."""
    if path.startswith("builtins."):
        return last(path) not in UNSAFE_BUILTINS
    top = path.split(".")[0]
    if is_airflow(path):
        if SAFE_AIRFLOW.search(path):
            return True
        name = last(path)
        makes = OPERATOR.search(name) or name.lower().endswith("dag") or is_label(path)
        return name[:1].isupper() and not makes and not words_of(call) & {"task_id", None}
    return top in SAFE_MODULES or (top in sys.stdlib_module_names and top not in UNSAFE_MODULES)
