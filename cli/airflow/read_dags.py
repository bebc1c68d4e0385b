"""Reads Airflow DAG files by their syntax alone: nothing of them is run, and no Airflow is needed.

    python3 read_dags.py FILE…   → one JSON document: [{file, dags: […], problems: […]}]

A DAG has id, line, schedule, start, catchup, defaults, tasks and edges. What is not a literal is given as its source text, marked
`{"code": "…"}`; what a loop or a call makes is not unrolled, but named in `unread` with its line.
"""

import ast
import json
import re
import sys

DAG_CALLS = {"DAG"}
CHAIN = {"chain"}
OPERATOR = re.compile(r"(Operator|Sensor|TaskGroup|Transfer|Dag)(Async)?$")


def value_of(node):
    """A literal as it is; anything else as its source text."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return {"code": ast.unparse(node)}


def plain(value):
    return value if isinstance(value, (str, int, float, bool, type(None), list, dict)) else {"code": repr(value)}


def keywords_of(call):
    return {word.arg: plain(value_of(word.value)) for word in call.keywords if word.arg}


def name_of(node):
    """The last part of a dotted name: `models.DAG` is `DAG`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return ""


class File(ast.NodeVisitor):
    def __init__(self):
        self.aliases = {}
        self.dags = []
        self.unread = []
        self.variables = {}  # name of a Python variable -> task ids
        self.functions = {}  # name of a decorated function -> how it was decorated
        self.constants = {}  # name of a Python variable -> literal
        self.stack = []  # DAGs whose block is open
        self.groups = []
        self.loops = 0
        self.uses = set()

    # --- names -------------------------------------------------------------

    def visit_ImportFrom(self, node):
        for alias in node.names:
            self.aliases[alias.asname or alias.name] = alias.name

    def called(self, call):
        name = name_of(call.func)
        return self.aliases.get(name, name)

    # --- DAGs --------------------------------------------------------------

    def open_dag(self, identity, line, given):
        defaults = given.get("default_args")
        if isinstance(defaults, dict) and "code" in defaults:
            defaults = self.constants.get(defaults["code"], defaults)
        dag = {
            "id": identity,
            "line": line,
            "schedule": given.get("schedule", given.get("schedule_interval", given.get("timetable"))),
            "start": given.get("start_date"),
            "catchup": given.get("catchup"),
            "defaults": defaults if isinstance(defaults, dict) else {},
            "given": sorted(given),
            "tasks": [],
            "edges": [],
        }
        self.dags.append(dag)
        return dag

    def dag_of_call(self, call):
        given = keywords_of(call)
        first = plain(value_of(call.args[0])) if call.args else None
        return self.open_dag(given.get("dag_id", first), call.lineno, given)

    @property
    def dag(self):
        return self.stack[-1] if self.stack else (self.dags[-1] if self.dags else None)

    def visit_With(self, node):
        opened = 0
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call):
                continue
            name = self.called(call)
            if name in DAG_CALLS:
                self.stack.append(self.dag_of_call(call))
                opened += 1
                if isinstance(item.optional_vars, ast.Name):
                    self.variables[item.optional_vars.id] = []
            elif name == "TaskGroup":
                first = plain(value_of(call.args[0])) if call.args else keywords_of(call).get("group_id")
                group = {"name": first, "tasks": []}
                self.groups.append(group)
                for each in node.body:
                    self.visit(each)
                self.groups.pop()
                if isinstance(item.optional_vars, ast.Name):
                    self.variables[item.optional_vars.id] = group["tasks"]
                return
        for each in node.body:
            self.visit(each)
        for _ in range(opened):
            self.stack.pop()

    def visit_FunctionDef(self, node):
        decorators = [each for each in node.decorator_list]
        for each in decorators:
            call = each if isinstance(each, ast.Call) else None
            target = call.func if call else each
            dotted = ast.unparse(target)
            given = keywords_of(call) if call else {}
            if dotted.split(".")[-1] == "dag" and dotted.count(".") <= 1:
                self.stack.append(self.open_dag(given.get("dag_id", node.name), node.lineno, given))
                for inner in node.body:
                    self.visit(inner)
                self.stack.pop()
                return
            if dotted == "task" or dotted.startswith("task."):
                kind = dotted.partition(".")[2]
                self.functions[node.name] = {"kind": "@task" + (f".{kind}" if kind else ""), "given": given, "line": node.lineno}
                return
            if dotted == "task_group":
                self.unread.append({"line": node.lineno, "what": f"task group '{node.name}', made by a decorator"})
                return
        # A plain function: what it does is its author's; a DAG made in one is made by a call.
        inner = File()
        inner.aliases = self.aliases
        for each in node.body:
            inner.visit(each)
        self.uses |= inner.uses
        if inner.dags:
            self.unread.append({"line": node.lineno, "what": f"function '{node.name}' makes DAGs"})

    visit_AsyncFunctionDef = visit_FunctionDef

    # --- loops and branches --------------------------------------------------

    def visit_For(self, node):
        self.loops += 1
        before = sum(len(dag["tasks"]) for dag in self.dags)
        for each in node.body:
            self.visit(each)
        if sum(len(dag["tasks"]) for dag in self.dags) > before:
            self.unread.append({"line": node.lineno, "what": f"a loop over {ast.unparse(node.iter)} makes tasks"})
        self.loops -= 1

    def visit_If(self, node):
        if ast.unparse(node.test) == "__name__ == '__main__'":
            return
        self.generic_visit(node)

    # --- tasks ---------------------------------------------------------------

    def visit_Assign(self, node):
        made = self.tasks_of(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                if made is not None:
                    self.variables[target.id] = made
                elif not isinstance(node.value, ast.Call):
                    literal = value_of(node.value)
                    if isinstance(literal, dict) and "code" in literal and isinstance(node.value, ast.Dict):
                        literal = {
                            key.value: plain(value_of(value))
                            for key, value in zip(node.value.keys, node.value.values)
                            if isinstance(key, ast.Constant)
                        }
                    self.constants[target.id] = literal

    def visit_Expr(self, node):
        self.tasks_of(node.value)

    def visit_Return(self, node):
        if node.value:
            self.tasks_of(node.value)

    def add_task(self, identity, kind, line, given, mapped=False):
        if self.dag is None:
            self.unread.append({"line": line, "what": f"{kind} outside of any DAG"})
            return []
        if not isinstance(identity, str):
            self.unread.append({"line": line, "what": f"{kind} whose name is made by code"})
            identity = f"line_{line}"
        task = {"id": identity, "kind": kind, "line": line, "given": given, "mapped": mapped, "inLoop": self.loops > 0}
        self.dag["tasks"].append(task)
        if self.groups:
            self.groups[-1]["tasks"].append(identity)
        return [identity]

    def tasks_of(self, node):
        """The ids of the tasks that an expression makes or names; None where it does neither. Notes the edges in it."""
        if isinstance(node, ast.Name):
            return self.variables.get(node.id)
        if isinstance(node, (ast.List, ast.Tuple)):
            made = [self.tasks_of(each) for each in node.elts]
            return [task for each in made if each for task in each] if any(each is not None for each in made) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.RShift, ast.LShift)):
            left, right = self.tasks_of(node.left), self.tasks_of(node.right)
            if left is None or right is None:
                self.unread.append({"line": node.lineno, "what": f"an order between {ast.unparse(node)}"})
            elif isinstance(node.op, ast.RShift):
                self.edge(left, right)
            else:
                self.edge(right, left)
            return right
        if isinstance(node, ast.Subscript):
            return self.tasks_of(node.value)
        if isinstance(node, ast.Call):
            return self.tasks_of_call(node)
        return None

    def tasks_of_call(self, call):
        name = self.called(call)
        if name in DAG_CALLS:
            self.dag_of_call(call)
            return None
        self.note_uses(call)
        if name in CHAIN:
            rows = [self.tasks_of(each) or [] for each in call.args]
            for before, after in zip(rows, rows[1:]):
                self.edge(before, after)
            return None
        if isinstance(call.func, ast.Attribute):
            owner = call.func.value
            verb = call.func.attr
            if verb in ("set_downstream", "set_upstream"):
                mine = self.tasks_of(owner) or []
                others = [task for each in call.args for task in self.tasks_of(each) or []]
                self.edge(mine, others) if verb == "set_downstream" else self.edge(others, mine)
                return None
            if verb in ("expand", "expand_kwargs"):
                made = self.tasks_of(owner if isinstance(owner, ast.Call) else ast.Call(owner, [], [], lineno=call.lineno))
                if made and self.dag:
                    for task in self.dag["tasks"]:
                        if task["id"] in made:
                            task["mapped"] = True
                self.edge([task for word in call.keywords for task in self.tasks_of(word.value) or []], made or [])
                return made
            if verb in ("partial", "override"):
                inner = ast.Call(owner, call.args, call.keywords, lineno=call.lineno)
                return self.tasks_of_call(inner)
        if isinstance(call.func, ast.Call):  # fn.override(task_id=…)(…)
            return self.tasks_of(call.func)
        if isinstance(call.func, ast.Name) and call.func.id in self.functions:
            function = self.functions[call.func.id]
            identity = function["given"].get("task_id", call.func.id)
            count = sum(1 for task in (self.dag or {"tasks": []})["tasks"] if task["id"].split("__")[0] == identity)
            made = self.add_task(f"{identity}__{count}" if count else identity, function["kind"], call.lineno, function["given"])
            given = [*call.args, *(word.value for word in call.keywords)]
            self.edge([task for each in given for task in self.tasks_of(each) or []], made)
            return made
        if OPERATOR.search(name):
            given = keywords_of(call)
            identity = given.get("task_id", given.get("group_id"))
            made = self.add_task(identity if identity is not None else {"code": "?"}, name, call.lineno, given)
            if name in ("PythonOperator", "BranchPythonOperator", "ShortCircuitOperator"):
                for word in call.keywords:
                    if word.arg in ("op_args", "op_kwargs"):
                        self.edge(self.tasks_of(word.value) or [], made)
            return made
        return None

    def edge(self, before, after):
        if self.dag is None:
            return
        for one in before:
            for other in after:
                if [one, other] not in self.dag["edges"] and one != other:
                    self.dag["edges"].append([one, other])

    def note_uses(self, call):
        dotted = ast.unparse(call.func)
        first = plain(value_of(call.args[0])) if call.args else None
        if dotted.endswith("Variable.get") and isinstance(first, str):
            self.uses.add(("variable", first))
        if dotted.endswith("get_connection") and isinstance(first, str):
            self.uses.add(("connection", first))

    def visit_Call(self, node):
        self.tasks_of_call(node)
        self.generic_visit(node)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        tree = ast.parse(text, path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return {"file": path, "dags": [], "unread": [], "uses": [], "problem": str(error)}
    except SyntaxError as error:
        return {"file": path, "dags": [], "unread": [], "uses": [], "problem": f"line {error.lineno}: {error.msg}"}
    found = File()
    found.visit(tree)
    for match in re.finditer(r"\{\{\s*(?:var\.(?:value|json)\.([\w.]+)|conn\.(\w+))", text):
        found.uses.add(("variable", match[1]) if match[1] else ("connection", match[2]))
    uses = [{"kind": kind, "name": name} for kind, name in sorted(found.uses)]
    return {"file": path, "dags": found.dags, "unread": found.unread, "uses": uses}


if __name__ == "__main__":
    json.dump([read(path) for path in sys.argv[1:]], sys.stdout)
