"""Follows the statements of a DAG file in their order. What is not followed is named, by `unread`."""

import ast

from calls import Calls
from graph import Group, Task, is_placed
from kinds import decorator_of, is_airflow, is_dag, is_group, last
from values import Code, Function, Lit, Opaque, Ref


class TaskFunction:
    def __init__(self, node, kind, given):
        self.node, self.kind, self.given = node, kind, given


class DagFunction:
    def __init__(self, node, call):
        self.node, self.call, self.calls = node, call, 0


class Walk(Calls):
    def statements(self, body):
        for each in body:
            self.statement(each)

    def statement(self, node):
        visit = getattr(self, f"on_{type(node).__name__}", None)
        if visit:
            visit(node)
        else:
            self.block(node, f"a statement '{first_line(node)}'")

    def on_Pass(self, _node):
        pass

    on_Global = on_Nonlocal = on_Pass

    def on_Import(self, node):
        for name, path in self.scope.import_names(node):
            if name == "*":
                self.unread(node, f"everything of {node.module} is imported, under names that are not written here")
            else:
                self.scope.bind(name, Ref(path))

    on_ImportFrom = on_Import

    def on_Expr(self, node):
        self.value(node.value)

    def on_Return(self, node):
        if node.value:
            self.value(node.value)

    def on_Assign(self, node):
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value, node)

    def on_AnnAssign(self, node):
        if node.value:
            self.assign(node.target, self.value(node.value), node)

    def on_AugAssign(self, node):
        self.value(node.value)
        if is_placed(self.named(node.target)):
            self.unread(node, f"'{first_line(node)}' changes what is known of tasks")
        self.forget(node.target)

    def on_Delete(self, node):
        for target in node.targets:
            self.forget(target)

    def assign(self, target, value, node):
        if isinstance(target, ast.Name):
            if target.id in self.changed and isinstance(value, Lit) and isinstance(value.data, (list, dict)):
                value = Opaque()
            self.scope.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = getattr(value, "parts", None)
            if parts and len(parts) == len(target.elts):
                for one, part in zip(target.elts, parts):
                    self.assign(one, part, node)
                return
            if is_placed(value):
                self.unread(node, f"tasks are taken apart: '{first_line(node)}'")
            self.forget(target)
        elif isinstance(target, ast.Attribute) and (target.attr.startswith("doc") or not self.is_of_graph(target.value)):
            return
        elif self.is_of_graph(value) or self.is_of_graph(target):
            self.unread(node, f"'{first_line(node)}' puts a task or a DAG, or something of one, where it is not followed")

    def is_of_graph(self, node_or_value):
        value = node_or_value
        while isinstance(value, (ast.Attribute, ast.Subscript)):
            value = value.value
        if isinstance(value, ast.Call):
            return self.scope.path_of(value.func) in ("builtins.globals", "builtins.locals", "builtins.vars")
        if isinstance(value, ast.Name):
            value = self.scope.get(value.id)
        return is_placed(value) or value in self.dags

    # --- blocks --------------------------------------------------------------

    def on_With(self, node):
        opened = []
        for item in node.items:
            context = self.context(item)
            if context is None:
                self.close(opened)
                return self.block(node, f"a block 'with {ast.unparse(item.context_expr)}'")
            opened.append(context)
            if isinstance(item.optional_vars, ast.Name):
                self.scope.bind(item.optional_vars.id, context)
        self.statements(node.body)
        self.close(opened)
        return None

    def context(self, item):
        """The DAG or the group that a `with` opens."""
        call = item.context_expr
        path = self.scope.path_of(call.func) if isinstance(call, ast.Call) else None
        if path is not None and is_group(path):
            group = self.open_group(call)
        elif path is not None and is_dag(path):
            group = self.open_dag(call, call)
        else:
            group = self.scope.get(call.id) if isinstance(call, ast.Name) else None
            if group not in self.dags:
                return None
        self.stack.append(group)
        return group

    def close(self, opened):
        for _ in opened:
            closed = self.stack.pop()
            if isinstance(closed, Group) and not closed.tasks:
                self.unread_at(closed.line, f"task group '{closed.prefix}' has no task that was read")

    def on_If(self, node):
        if ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__"):
            return None
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return self.statements(node.body)
        return self.block(node, f"what is done only if {ast.unparse(node.test)}")

    def on_For(self, node):
        self.block(node, f"a loop over {ast.unparse(node.iter)}")

    def on_While(self, node):
        self.block(node, f"a loop while {ast.unparse(node.test)}")

    def on_Try(self, node):
        self.block(node, "what is tried, and may be left halfway")

    def block(self, node, what):
        """Statements of which only running them tells which are done, and how often. Such as only compute are no loss."""
        inner = [each for each in ast.walk(node) if isinstance(each, ast.stmt) and each is not node]
        found = [each for each in self.strange(node) if each is not node]
        wild = [each for each in inner if isinstance(each, ast.ImportFrom) and each.names[0].name == "*"]
        graph = [each for each in ast.walk(node) if isinstance(each, ast.Name) and self.is_of_graph(each)]
        if found or wild or graph:
            holds = ast.unparse((found or wild or graph)[0]).split("\n")[0]
            self.unread(node, f"{what}, with '{shortened(holds)}' in it")
        for each in ast.walk(node):
            if isinstance(each, (ast.Import, ast.ImportFrom)):
                self.import_perhaps(each)
            elif isinstance(each, ast.Name) and isinstance(each.ctx, (ast.Store, ast.Del)):
                self.forget(each)
            elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.scope.bind(each.name, Function())

    def import_perhaps(self, node):
        """An import that is one of several: the same class of Airflow by another module is the same."""
        for name, path in self.scope.import_names(node):
            known = self.scope.get(name)
            known = known.path if isinstance(known, Ref) else None
            same = known is not None and is_airflow(known) and is_airflow(path) and last(known) == last(path)
            self.scope.bind(name, Ref(path) if known in (None, path) or same else Opaque())

    # --- functions and classes -------------------------------------------------

    def on_FunctionDef(self, node):
        value = Function()
        for each in node.decorator_list:
            call = each if isinstance(each, ast.Call) else None
            kind = decorator_of(self.scope.path_of(call.func if call else each))
            if kind == "dag":
                value = DagFunction(node, call)
            elif kind is not None and kind.split(".")[0] == "task" and not isinstance(value, DagFunction):
                value = TaskFunction(node, f"@{kind}", self.keywords(call, kind) if call else {})
            elif kind is not None:
                self.unread(node, f"'{node.name}', made into a part of a DAG by @{kind}")
            else:
                self.name_strange(each)
            if kind is not None:
                self.take(each)
        for each in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.name_strange(each)
        if any(isinstance(each, ast.Global) for each in ast.walk(node)):
            for each in ast.walk(node):
                if isinstance(each, ast.Global):
                    self.changed.update(each.names)
                    for name in each.names:
                        self.scope.bind(name, Opaque())
        self.scope.bind(node.name, value)

    on_AsyncFunctionDef = on_FunctionDef

    def on_ClassDef(self, node):
        self.name_strange(node)
        self.scope.bind(node.name, Function())

    def open_dag_of(self, function, call):
        """Reads the body of a function that is a DAG, where it is called."""
        function.calls += 1
        if function.calls > 1:
            return self.unread(call, f"'{function.node.name}' is called again: it makes another DAG")
        if call.args or call.keywords:
            self.unread(call, f"'{function.node.name}' is called with arguments, which its DAG goes by")
        dag = self.open_dag(function.call, function.node, function.node.name)
        arguments = function.node.args
        names = [each.arg for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
        if names:
            dag.given["params"] = Code(", ".join(names))
        outer, self.scope = self.scope, type(self.scope)(self.scope.values)
        for name in names:
            self.scope.bind(name, Opaque())
        self.stack.append(dag)
        self.statements(function.node.body)
        self.stack.pop()
        self.scope = outer
        return dag

    def forget(self, target):
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                self.scope.bind(each.id, Opaque())

    def named(self, node):
        return self.scope.get(node.id) if isinstance(node, ast.Name) else None


def first_line(node):
    return shortened(ast.unparse(node).split("\n")[0])


def shortened(text):
    return text if len(text) <= 80 else f"{text[:77]}..."


__all__ = ["DagFunction", "Task", "TaskFunction", "Walk"]
