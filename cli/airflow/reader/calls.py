"""What the expressions of a DAG file make: tasks, DAGs, groups, and the orders between tasks."""

import ast

from graph import Dag, Group, Label, Many, Task, is_placed
from kinds import VERBS, is_airflow, is_dag, is_group, is_label, is_operator, is_order, last, words_of
from unread import Unread, brief
from values import Code, Function, Lit, Opaque, Ref


class Calls(Unread):
    # --- expressions ------------------------------------------------------------

    def value(self, node):
        """What an expression stands for; its tasks and orders are noted on the way."""
        if isinstance(node, ast.Name):
            return self.scope.get(node.id) or Opaque()
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.several(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.RShift, ast.LShift)):
            return self.order(node)
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return self.part(node)
        if isinstance(node, ast.Dict):
            for each in [*filter(None, node.keys), *node.values]:
                self.value(each)
        elif isinstance(node, ast.Starred):
            return self.value(node.value)
        self.name_strange(node)
        return Lit(self.scope.data(node))

    def several(self, node):
        values = [self.value(each) for each in node.elts]
        if values and all(is_placed(each) for each in values):
            parts = [
                part
                for each, value in zip(node.elts, values)
                for part in (value.parts if isinstance(each, ast.Starred) and isinstance(value, Many) else [value])
            ]
            return Many(parts)
        if any(is_placed(each) or isinstance(each, Label) for each in values):
            return Opaque()
        return Lit(self.scope.data(node))

    def part(self, node):
        owner = self.value(node.value)
        if isinstance(node, ast.Subscript):
            self.name_strange(node.slice)
            if isinstance(owner, Task):
                return owner  # a key of its XCom
            at = self.scope.data(node.slice)
            if isinstance(owner, Many) and type(at) is int and -len(owner.parts) <= at < len(owner.parts):
                return owner.parts[at]
        elif isinstance(owner, Task) and node.attr == "output":
            return owner
        elif isinstance(owner, Ref):
            return Ref(f"{owner.path}.{node.attr}")
        return Lit(self.scope.data(node))

    def order(self, node):
        left, right = self.value(node.left), self.value(node.right)
        down = isinstance(node.op, ast.RShift)
        if down and isinstance(left, (Task, Group, Many)) and isinstance(right, Label) and right.before is None:
            right.before = left.leaves
            return right
        if down and isinstance(left, Label) and left.before is not None and is_placed(right):
            self.edge(node, left.before, right.roots)
            return right
        if not is_placed(left) or not is_placed(right) or (isinstance(left, Many) and isinstance(right, Many)):
            self.unread(node, f"an order between '{brief(node.left)}' and '{brief(node.right)}'")
        elif down:
            self.edge(node, left.leaves, right.roots)
        else:
            self.edge(node, right.leaves, left.roots)
        return right

    def edge(self, node, before, after):
        if not before or not after or len({id(task.dag) for task in [*before, *after]}) != 1:
            self.unread(node, f"an order between tasks of no DAG, or of several: '{brief(node)}'")
        elif {task.identity for task in before} & {task.identity for task in after}:
            self.unread(node, f"an order of a task with itself: '{brief(node)}'")
        else:
            before[0].dag.edge(before, after)

    # --- calls ------------------------------------------------------------------

    def call(self, node):
        path = self.scope.path_of(node.func)
        callee = self.value_of_name(node.func)
        verb = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if path is not None and is_dag(path):
            return self.open_dag(node, node)
        if path is not None and is_group(path):
            self.take(node)
            return self.lost(node, f"a task group that no 'with' opens: '{brief(node)}'")
        if path is not None and is_label(path):
            self.take(node)
            return Label()
        if path is not None and is_order(path):
            return self.orders(node, last(path))
        if hasattr(callee, "calls"):
            self.take(node)
            return self.open_dag_of(callee, node)
        if verb in ("set_upstream", "set_downstream"):
            return self.directed(node, verb)
        if verb in ("expand", "expand_kwargs", "partial", "override") or isinstance(node.func, ast.Call):
            return self.of_calls(node)
        if hasattr(callee, "kind"):
            return self.task_of_function(node, callee, {}, [node])
        if is_operator(node, path):
            return self.operator(node, path, [node], node.keywords)
        if "task_id" in words_of(node):
            self.take(node)
            return self.lost(node, f"'{brief(node)}' gets a task_id, and nothing here knows what it makes")
        for each in [*node.args, *(word.value for word in node.keywords)]:
            self.value(each)
        if isinstance(node.func, ast.Attribute):
            self.value(node.func.value)
        self.name_strange(node)
        return Lit(self.scope.data(node))

    def value_of_name(self, node):
        return self.scope.get(node.id) if isinstance(node, ast.Name) else None

    def lost(self, node, what):
        self.unread(node, what)
        return Opaque()

    def orders(self, node, name):
        self.take(node)
        values = [self.value(each) for each in node.args]
        words = [self.value(word.value) for word in node.keywords]
        if name == "cross_downstream" and len(values) + len(words) == 2:
            values = values + words
        elif words:
            return self.lost(node, f"'{brief(node)}' with arguments by name")
        if any(isinstance(each, ast.Starred) for each in node.args):
            if len(values) != 1 or not isinstance(values[0], Many):
                return self.lost(node, f"'{brief(node)}' over a list that is made by code")
            values = values[0].parts
        if not values or not all(is_placed(each) for each in values):
            return self.lost(node, f"'{brief(node)}', of which not all is a task that was read")
        for before, after in zip(values, values[1:]):
            if name != "chain" or not (isinstance(before, Many) and isinstance(after, Many)):
                self.edge(node, before.leaves, after.roots)
            elif len(before.parts) != len(after.parts):
                return self.lost(node, f"'{brief(node)}' pairs lists of different length")
            else:
                for one, other in zip(before.parts, after.parts):
                    self.edge(node, one.leaves, other.roots)
        return Opaque()

    def directed(self, node, verb):
        self.take(node)
        owner = self.value(node.func.value)
        others = [self.value(each) for each in node.args]
        if node.keywords or not others or not all(is_placed(each) for each in [owner, *others]):
            return self.lost(node, f"an order '{brief(node)}'")
        for other in others:
            if verb == "set_downstream":
                self.edge(node, owner.leaves, other.roots)
            else:
                self.edge(node, other.leaves, owner.roots)
        return Opaque()

    def of_calls(self, node):
        """`Op.partial(…).expand(…)`, `function.override(…)(…)` and the like: what is called in the end, with what it got on the way."""
        calls, words, target = [], [], node
        while True:
            calls.append(target)
            words += target.keywords
            inner = target.func
            if isinstance(inner, ast.Attribute) and inner.attr in VERBS:
                inner = inner.value
            if isinstance(inner, ast.Call):
                target = inner
                continue
            break
        path, callee = self.scope.path_of(inner), self.value_of_name(inner)
        mapped = any(isinstance(each.func, ast.Attribute) and each.func.attr.startswith("expand") for each in calls)
        if hasattr(callee, "kind"):
            given = self.keywords(ast.Call(inner, [], [word for each in calls for word in each.keywords if is_override(each)]), callee.kind)
            return self.task_of_function(node, callee, given, calls, mapped)
        makes = ast.Call(inner, [], words)
        if mapped and is_operator(makes, path):
            return self.operator(node, path, calls, words, mapped, inner)
        for each in calls:
            self.take(each)
        return self.lost(node, f"'{brief(node)}', of which nothing here knows what it makes")

    def task_of_function(self, node, function, override, calls, mapped=False):
        values = []
        for each in calls:
            self.take(each)
            values += [self.value(one) for one in [*each.args, *(word.value for word in each.keywords)]]
        given = {**function.given, **override}
        identity = given.get("task_id", function.node.name)
        task = self.add(node, identity, function.kind, given, again=True)
        if task:
            task.mapped = mapped
            self.after_values(node, task, values)
        return task or Opaque()

    def operator(self, node, path, calls, words, mapped=False, named=None):
        for each in calls:
            self.take(each)
        call = ast.Call(named or node.func, [], words, lineno=node.lineno)
        # What only has the name of one of Airflow's is not taken for it.
        kind = last(path) if is_airflow(path) else (path or f"{ast.unparse(call.func)} (of this file)")
        values = [self.value(word.value) for word in words if word.arg not in ("dag", None) and not is_callable(self, word.value)]
        given = self.keywords(call, kind)
        if any(each.args for each in calls):
            self.unread(node, f"{kind} gets arguments without a name")
        if "task_group" in given:
            self.unread(node, f"{kind} names its task group")
        task = self.add(node, given.get("task_id", Code("nothing")), kind, given, dag=self.dag_given(words))
        if task:
            task.mapped = mapped
            self.after_values(node, task, values)
        return task or Opaque()

    def after_values(self, node, task, values):
        """What a task is given of others comes before it."""
        for value in values:
            if is_placed(value):
                self.edge(node, value.leaves, [task])

    def keywords(self, call, kind):
        given = {}
        for word in call.keywords:
            value = self.scope.data(word.value)
            if word.arg is not None:
                given[word.arg] = value
            elif isinstance(value, dict):
                given.update(value)
            else:
                self.unread(word.value, f"'**{brief(word.value)}' of {kind} is made by code")
        return given

    def dag_given(self, words):
        """The DAG that a task names; None where it names none, and `False` where which one is not known."""
        for word in words:
            if word.arg == "dag":
                named = self.value_of_name(word.value)
                return named if named in self.dags else False
        return None

    def add(self, node, identity, kind, given, dag=None, again=False):
        given.pop("dag", None)
        open_dag = next((each for each in reversed(self.stack) if isinstance(each, Dag)), None)
        groups = [each for each in self.stack if isinstance(each, Group)]
        dag = open_dag if dag is None else dag
        if not dag:
            return self.unread(node, f"{kind} outside of any DAG that is known")
        if not isinstance(identity, str):
            self.unread(node, f"{kind} whose name is made by code")
            identity = f"line_{node.lineno}"
        if groups and groups[-1].dag is dag and groups[-1].prefix:
            identity = f"{groups[-1].prefix}.{identity}"
        names = {task.identity for task in dag.tasks}
        first, count = identity, 0
        while identity in names:
            count += 1
            identity = f"{first}__{count}"
            if not again:
                self.unread(node, f"a second task with the name '{first}'")
        task = Task(dag, identity, kind, node.lineno, given)
        dag.tasks.append(task)
        for group in groups:
            if group.dag is dag:
                group.tasks.append(task)
        return task

    # --- DAGs and groups ----------------------------------------------------------

    def open_dag(self, call, node, name=None):
        given = {}
        if call is not None:
            self.take(call)
            for each in [*call.args, *(word.value for word in call.keywords)]:
                if not is_callable(self, each):
                    self.value(each)
            given = self.keywords(call, "the DAG")
            for word, each in zip(("dag_id", "description"), call.args):
                given[word] = self.scope.data(each)
            if len(call.args) > 2 or any(isinstance(each, ast.Starred) for each in call.args):
                self.unread(call, "a DAG gets arguments without a name, whose meaning goes by its version")
        identity = given.pop("dag_id", name)
        if not isinstance(identity, str):
            self.unread(node, "a DAG whose name is made by code")
            identity = f"line_{node.lineno}"
        if isinstance(given.get("default_args"), Code):
            self.unread(node, f"default_args of '{identity}' are made by code")
        dag = Dag(identity, node.lineno, given)
        self.dags.append(dag)
        return dag

    def open_group(self, call):
        self.take(call)
        given = self.keywords(call, "a task group")
        if call.args:
            given["group_id"] = self.scope.data(call.args[0])
        name, prefixed = given.pop("group_id", None), given.pop("prefix_group_id", True)
        dag = next((each for each in reversed(self.stack) if isinstance(each, Dag)), None)
        for known in ("tooltip", "ui_color", "ui_fgcolor"):
            given.pop(known, None)
        if dag is None or given or not isinstance(name, str) or not isinstance(prefixed, bool) or len(call.args) > 1:
            for each in call.keywords:
                self.value(each.value)
            self.unread(call, f"task group '{brief(call)}' says more than its name" if dag else "a task group outside of any DAG")
        outer = next((each for each in reversed(self.stack) if isinstance(each, Group)), None)
        parts = [outer.prefix] if outer and outer.prefix else []
        group = Group(dag, ".".join([*parts, *([str(name)] if prefixed else [])]))
        group.line = call.lineno
        return group


def is_callable(calls, node):
    """What is handed to an operator to be called when it runs."""
    return isinstance(node, ast.Lambda) or isinstance(calls.value_of_name(node), Function)


def is_override(call):
    return isinstance(call.func, ast.Attribute) and call.func.attr == "override"
