"""What names and expressions of a DAG file stand for, as far as that is plain from the text."""

import ast
import builtins
import datetime
import textwrap


class Code:
    """What only running it tells: its source."""

    def __init__(self, node):
        self.text = node if isinstance(node, str) else ast.unparse(node)


class Zone:
    def __init__(self, name):
        self.name = name


class At:
    """A moment: a wall time, and the zone that was named with it, if any."""

    def __init__(self, wall, zone):
        self.wall, self.zone = wall, zone


class Ref:
    """Something imported, by its whole name."""

    def __init__(self, path):
        self.path = path


class Lit:
    """Data: JSON, `timedelta`, `At`, `Zone`; parts of it may be `Code`."""

    def __init__(self, data):
        self.data = data


class Opaque:
    """Data that is not known, of which it is known that making it made no task."""


class Function:
    """A function of the file that is no task."""


UTC = {"datetime.timezone.utc", "pendulum.UTC", "pytz.utc", "pytz.UTC", "airflow.utils.timezone.utc", "datetime.UTC"}
ZONES = {"pendulum.timezone", "pendulum.tz.timezone", "zoneinfo.ZoneInfo", "pendulum.Timezone"}


class Scope:
    """Names, as far as the text has been followed."""

    def __init__(self, values=None):
        self.values = dict(values or {})

    def get(self, name):
        return self.values.get(name)

    def bind(self, name, value):
        self.values[name] = value

    def path_of(self, node):
        """The whole name of something imported, or built in; None where it is neither."""
        if isinstance(node, ast.Name):
            bound = self.get(node.id)
            if isinstance(bound, Ref):
                return bound.path
            return f"builtins.{node.id}" if bound is None and hasattr(builtins, node.id) else None
        if isinstance(node, ast.Attribute):
            base = self.path_of(node.value)
            return None if base is None or base.startswith("builtins.") else f"{base}.{node.attr}"
        return None

    def import_names(self, node):
        """What an import statement binds: [name, path]."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        else:
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                yield alias.asname or alias.name, f"{module}.{alias.name}"

    def data(self, node):
        """The data that an expression gives: `Code` where, and as far as, only running it tells."""
        try:
            return self._data(node)
        except (TypeError, ValueError, OverflowError):
            return Code(node)

    def _data(self, node):
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, (str, int, float, bool, type(None))) else Code(node)
        if isinstance(node, ast.Name):
            bound = self.get(node.id)
            return bound.data if isinstance(bound, Lit) else Code(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            if any(isinstance(each, ast.Starred) for each in node.elts):
                return Code(node)
            return [self.data(each) for each in node.elts]
        if isinstance(node, ast.Dict):
            return self._dict(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self.data(node.operand)
            return -value if is_number(value) or isinstance(value, datetime.timedelta) else Code(node)
        if isinstance(node, ast.BinOp):
            return self._both(node)
        if isinstance(node, ast.JoinedStr):
            return self._text(node)
        if isinstance(node, ast.Attribute):
            path = self.path_of(node) or ""
            if path in UTC:
                return Zone("UTC")
            if path.split(".")[-2:-1] == ["TriggerRule"] and path.startswith("airflow."):
                return path.rsplit(".", 1)[1].lower()
            return Code(node)
        return self._called(node) if isinstance(node, ast.Call) else Code(node)

    def _dict(self, node):
        found = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                more = self.data(value)
                if not isinstance(more, dict):
                    return Code(node)
                found.update(more)
            else:
                name = self.data(key)
                if not isinstance(name, str):
                    return Code(node)
                found[name] = self.data(value)
        return found

    def _both(self, node):
        left, right = self.data(node.left), self.data(node.right)
        if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, (str, list)):
            return left + right
        if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and is_number(left) and is_number(right):
            return {ast.Add: left.__add__, ast.Sub: left.__sub__, ast.Mult: left.__mul__}[type(node.op)](right)
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
            return {**left, **right}
        return Code(node)

    def _text(self, node):
        parts = []
        for each in node.values:
            if isinstance(each, ast.Constant):
                parts.append(str(each.value))
                continue
            value = self.data(each.value)
            if each.format_spec is not None or each.conversion != -1 or type(value) not in (str, int):
                return Code(node)
            parts.append(str(value))
        return "".join(parts)

    def _called(self, node):
        path = self.path_of(node.func) or ""
        words = {word.arg: self.data(word.value) for word in node.keywords}
        given = [self.data(each) for each in node.args]
        if None in words or any(isinstance(each, ast.Starred) for each in node.args):
            return Code(node)
        if path in ("datetime.timedelta", "pendulum.duration"):
            if not all(is_number(each) for each in [*given, *words.values()]):
                return Code(node)
            return datetime.timedelta(*given, **words)
        if path in ("datetime.datetime", "pendulum.datetime", "airflow.utils.timezone.datetime"):
            return self._moment(path, given, words) or Code(node)
        if path in ZONES and len(given) == 1 and not words and isinstance(given[0], str):
            return Zone(given[0])
        if path == "builtins.dict" and not given:
            return words
        if path == "textwrap.dedent" and len(given) == 1 and isinstance(given[0], str):
            return textwrap.dedent(given[0])
        return Code(node)

    @staticmethod
    def _moment(path, given, words):
        zone = words.pop("tzinfo", words.pop("tz", None))
        if zone is None and len(given) == 8 and isinstance(given[7], (Zone, str)):
            zone = given.pop()
        if isinstance(zone, str) and path == "pendulum.datetime":
            zone = Zone(zone)
        if zone is None and path != "datetime.datetime":
            zone = Zone("UTC")
        if not isinstance(zone, (Zone, type(None))) or not all(type(each) is int for each in [*given, *words.values()]):
            return None
        return At(datetime.datetime(*given, **words).isoformat(), zone.name if zone else None)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_json(value):
    """Data as it is told: what is no JSON under a name that begins with `$`."""
    if isinstance(value, Code):
        return {"$code": value.text}
    if isinstance(value, datetime.timedelta):
        return {"$seconds": value.total_seconds()}
    if isinstance(value, At):
        return {"$at": value.wall, "zone": value.zone}
    if isinstance(value, Zone):
        return {"$code": f"timezone('{value.name}')"}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        if any(key.startswith("$") for key in value):
            return {"$code": repr(sorted(value))}
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return {"$code": repr(value)}
    return value
