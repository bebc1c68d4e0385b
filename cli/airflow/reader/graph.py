"""DAGs, groups and tasks, and the orders between them."""


class Dag:
    def __init__(self, identity, line, given):
        self.identity, self.line, self.given = identity, line, given
        self.tasks, self.edges = [], []

    def edge(self, before, after):
        for one in before:
            for other in after:
                pair = [one.identity, other.identity]
                if pair not in self.edges:
                    self.edges.append(pair)


class Task:
    def __init__(self, dag, identity, kind, line, given):
        self.dag, self.identity, self.kind, self.line, self.given = dag, identity, kind, line, given
        self.mapped = False

    # As a task group has them.
    @property
    def roots(self):
        return [self]

    leaves = roots


class Group:
    def __init__(self, dag, prefix):
        self.dag, self.prefix, self.tasks = dag, prefix, []

    def _ends(self, at):
        """Tasks of it that no order within it leads to (at = 1), or from (at = 0), as far as orders have been given."""
        names = {task.identity for task in self.tasks}
        inner = {edge[at] for edge in self.dag.edges if edge[0] in names and edge[1] in names}
        return [task for task in self.tasks if task.identity not in inner]

    @property
    def roots(self):
        return self._ends(1)

    @property
    def leaves(self):
        return self._ends(0)


class Many:
    """A list of tasks and groups."""

    def __init__(self, parts):
        self.parts = parts

    @property
    def roots(self):
        return [task for part in self.parts for task in part.roots]

    @property
    def leaves(self):
        return [task for part in self.parts for task in part.leaves]


class Label:
    """A name of an edge: what stands before it comes before what stands after it."""

    def __init__(self):
        self.before = None


def is_placed(value):
    return isinstance(value, (Task, Group, Many))
