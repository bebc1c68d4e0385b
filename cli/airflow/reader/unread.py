"""What of a DAG file was understood, and what was not: that is named, with its line."""

import ast

from graph import Dag, is_placed
from kinds import VERBS, makes_nothing
from values import Lit, Opaque, Scope


class Unread:
    def __init__(self, changed):
        self.scope = Scope()
        self.changed = changed  # names of lists and dicts that something changes
        self.dags, self.stack, self.unreads = [], [], []
        self.taken = set()  # nodes that were understood, or have been named

    def unread(self, node, what):
        self.unread_at(node.lineno, what)

    def unread_at(self, line, what):
        if not any(each == {"line": line, "what": what} for each in self.unreads):
            self.unreads.append({"line": line, "what": what})

    def take(self, node):
        """Notes that a call was understood, with the name that it is called by."""
        self.taken.add(id(node))
        names = node.func if isinstance(node, ast.Call) else node
        while isinstance(names, ast.Attribute):
            self.taken.add(id(names))
            names = names.value
        self.taken.add(id(names))

    def name_strange(self, node):
        for each in self.strange(node):
            self.taken.add(id(each))
            self.unread(each, f"'{brief(each)}', which may make tasks, DAGs or an order")

    def strange(self, node):
        """What is in an expression or a statement of which it is not known that it makes no task and no order."""
        if id(node) in self.taken:
            return []
        if isinstance(node, ast.Call):
            if not self.is_plain(node):
                return [node]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.RShift, ast.LShift)):
            return [node]
        elif isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return [node]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):  # its body is not done here
            return [found for each in node.decorator_list for found in self.strange(each)]
        return [found for each in ast.iter_child_nodes(node) for found in self.strange(each)]

    def is_plain(self, call):
        """Whether a call is known to make nothing but data."""
        if any(self.may_call(each) for each in [*call.args, *(word.value for word in call.keywords)]) and not is_partial(
            self.scope.path_of(call.func)
        ):
            return False
        path = self.scope.path_of(call.func)
        if path is not None:
            return makes_nothing(call, path)
        if not isinstance(call.func, ast.Attribute) or call.func.attr in VERBS:
            return False
        owner = call.func.value
        if isinstance(owner, ast.Name):  # of a loop or a comprehension where it is not bound
            return isinstance(self.scope.get(owner.id), (Lit, Opaque, type(None)))
        root = owner
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        if isinstance(root, ast.Name):
            return isinstance(self.scope.get(root.id), (Lit, Opaque))
        return True

    def may_call(self, node):
        """Whether something is handed over that may be called, and make tasks."""
        if isinstance(node, ast.Name) and isinstance(self.scope.get(node.id), (Lit, Opaque, type(None), Dag)) or is_placed(
            self.scope.get(node.id) if isinstance(node, ast.Name) else None
        ):
            return False
        if isinstance(node, (ast.Name, ast.Attribute)):
            path = self.scope.path_of(node)
            if path is None:
                return isinstance(node, ast.Name)
            return not makes_nothing(ast.Call(node, [], []), path)
        return False


def is_partial(path):
    return path == "functools.partial"


def brief(node):
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
