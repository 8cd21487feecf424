"""Every small change that can be made to a source file, one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_TYPES = ("Callable", "Mapping", "Sequence", "tuple", "list", "dict", "Literal")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Change:
    """One change to one file."""

    path: str
    number: int
    line: int
    last_line: int
    what: str
    function: tuple[str, int] | None  # (qualified name, first line) of the outermost one; None: outside of any

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass
class _Place:
    """A node's place in its parent, so that it can be exchanged."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


Found = tuple[ast.AST, ast.AST, str]  # the node, what takes its place, told as text


def changes_of(path: str) -> list[Change]:
    """Return every change of a file, in its order."""
    tree = ast.parse(Path(path).read_text())
    return [
        Change(path, number, node.lineno, node.end_lineno or node.lineno, what, function)
        for number, (_, node, _, what, function) in enumerate(_walk(tree))
    ]


def changed(change: Change) -> ast.Module:
    """Return the file's tree with one change made."""
    tree = ast.parse(Path(change.path).read_text())
    if change.number < 0:
        return tree  # nothing changed
    for number, (place, node, new, _, _) in enumerate(_walk(tree)):
        if number == change.number:
            place.put(ast.fix_missing_locations(ast.copy_location(new, node)))
            return ast.fix_missing_locations(tree)
    raise LookupError(change.name)


Step = tuple[_Place, ast.AST, ast.AST, str, tuple[str, int] | None]


def _walk(tree: ast.Module) -> Iterator[Step]:
    yield from _inside(tree, "", None)


def _inside(parent: ast.AST, qualified: str, function: tuple[str, int] | None) -> Iterator[Step]:
    for place, node in _children(parent):
        if _is_told_only(parent, place.field, node):
            continue
        # the defaults of an outermost function are made when the module is imported
        early = function and function[0] == qualified and isinstance(parent, _FUNCTIONS) and place.field == "args"
        around = None if early else function
        for new, what in _changes(node):
            yield place, node, new, what, around
        inner, within = qualified, around
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            inner = f"{qualified}.{node.name}" if qualified else node.name
            if isinstance(node, _FUNCTIONS):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                within = around or (inner, first)
        yield from _inside(node, inner, within)


def _children(parent: ast.AST) -> Iterator[tuple[_Place, ast.AST]]:
    for name, value in ast.iter_fields(parent):
        if isinstance(value, ast.AST):
            yield _Place(parent, name, None), value
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield _Place(parent, name, index), each


def _is_told_only(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Tell whether nothing runs by a node (annotations, doc strings, imports) or it only guards against ourselves."""
    if field in ("annotation", "returns", "decorator_list", "bases") or isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if (
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) == "AssertionError"
    ):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.keyword) and node.arg in ("strict", "slots", "description"):
        return True  # a guard against mistakes of ours, a saving, a text
    if isinstance(node, ast.Assign) and isinstance(parent, ast.Module):
        return _is_type(node)
    return isinstance(parent, ast.Subscript) and field == "slice" and _is_type_name(parent.value)


def _is_type(node: ast.Assign) -> bool:
    """Tell whether a module's name stands for a type: `Table = Mapping[str, Rule]`, `__all__`."""
    name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
    return name == "__all__" or (isinstance(node.value, ast.Subscript) and _is_type_name(node.value.value))


def _is_type_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in (
        "Callable",
        "Mapping",
        "Sequence",
        "tuple",
        "list",
        "dict",
        "Literal",
    )


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for kind, make in _MAKERS:
        if isinstance(node, kind):
            for new in make(node):
                yield new, f"{_short(node)} → {_short(new)}"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else text[:69] + "…"


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            new = copy.deepcopy(node)
            new.ops[place] = other()
            yield new


def _bool(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    text = isinstance(node.left, (ast.JoinedStr, ast.Constant)) and not isinstance(
        getattr(node.left, "value", 0), (int, float)
    )
    if type(node.op) in _ARITHMETIC and not text:
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _removed(node: ast.stmt) -> Iterator[ast.AST]:
    """Take out statements that do something; a plain name that is no longer set fails everywhere and tells nothing."""
    if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) for each in node.targets):
        return
    yield ast.Pass()


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[ast.AST]:
    if not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        new = copy.copy(node)
        new.test = ast.UnaryOp(ast.Not(), node.test)
        yield new


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield ast.Call(ast.Name(_CALLS[node.func.id], ast.Load()), node.args, node.keywords)


_MAKERS = (
    (ast.Compare, _compare),
    (ast.BoolOp, _bool),
    (ast.UnaryOp, _unary),
    (ast.BinOp, _binary),
    (ast.Constant, _constant),
    (ast.Return, _return),
    ((ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete), _removed),
    ((ast.If, ast.IfExp, ast.While), _condition),
    (ast.Call, _call),
)
