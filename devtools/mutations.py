"""Small wrong changes to a module's source, one at a time: what a careless hand could do to the boundary.

A mutant is a copy of the syntax tree with one node replaced. Docstrings, annotations, imports and texts
marked for translation are left alone: they decide nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ORDER: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SUMS: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min"}
TYPES = {"Callable", "Iterator", "MappingProxyType", "dict", "frozenset", "list", "set", "tuple", "type"}
# Words before and after, the way from the node to the place, and what to put there (nothing: take it out).
Change = tuple[str, str, tuple[Any, ...], ast.AST | None]
NOTHING = ast.Constant(value=None)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: ``where`` is the function it is in (empty at module level), ``tree`` the changed module."""

    module: str
    line: int
    source: str
    where: str
    before: str
    after: str
    path: tuple[Any, ...]
    node: Any

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in the list of equivalents, whatever line it stands on."""
        return self.module, self.source, f"{self.before} → {self.after}"

    def tree(self, original: ast.Module) -> ast.Module:
        changed = copy.deepcopy(original)
        at: Any = changed
        for step in self.path[:-1]:
            at = at[step] if isinstance(step, int) else getattr(at, step)
        last = self.path[-1]
        if self.node is None:
            del at[last]
        elif isinstance(last, int):
            at[last] = self.node
        else:
            setattr(at, last, self.node)
        return ast.fix_missing_locations(changed)


class Reader:
    """All mutants of one module. ``enums`` maps the name of an enumeration to its members."""

    def __init__(self, module: str, file: Path, enums: Mapping[str, tuple[str, ...]]) -> None:
        text = file.read_text(encoding="utf-8")
        self.module, self.lines = module, text.splitlines()
        self.tree = ast.parse(text)
        self.enums = dict(enums)
        for node in self.tree.body:  # A = Activity
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=of)) if of in enums:
                    self.enums[name] = enums[of]

    def mutants(self) -> Iterator[Mutant]:
        seen = set()
        for mutant in self._walk(self.tree, (), "", False):
            # Two ways to the same text are one mutant.
            name = (mutant.path, mutant.before, mutant.after)
            if name not in seen:
                seen.add(name)
                yield mutant

    def _walk(self, node: ast.AST, path: tuple[Any, ...], where: str, inside: bool) -> Iterator[Mutant]:
        """``where`` is the innermost named function; ``inside`` whether its body, not its head, is read."""
        here = where
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            here = f"{where}.{node.name}" if where else node.name
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "ctx", "type_comment", "type_params"):
                continue
            body = isinstance(node, ast.FunctionDef) and name == "body"
            in_body = inside or body
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST):
                    continue
                if isinstance(child, ast.Import | ast.ImportFrom) or _is_text(child) or _is_type(child):
                    continue
                at = (*path, name, index) if isinstance(value, list) else (*path, name)
                for before, after, step, new in self._changes(node, name, child):
                    yield Mutant(
                        module=self.module,
                        line=child.lineno if hasattr(child, "lineno") else getattr(node, "lineno", 0),
                        source=self.lines[getattr(child, "lineno", getattr(node, "lineno", 1)) - 1].strip(),
                        where=here if in_body else "",
                        before=before,
                        after=after,
                        path=(*at, *step),
                        node=new,
                    )
                yield from self._walk(child, at, here, in_body)

    def _changes(self, parent: ast.AST, name: str, node: ast.AST) -> Iterator[Change]:
        """What may become of a node: words before and after, the way to the place, what to put there."""
        if isinstance(node, ast.stmt):
            yield from self._of_statement(node)
        if isinstance(node, ast.expr) and not (
            isinstance(parent, ast.Expr) and isinstance(node, ast.Constant)
        ):
            for new in self._of_expression(name, node):
                yield _short(node), _short(new), (), new
        yield from _less(node)

    def _of_statement(self, node: ast.stmt) -> Iterator[Change]:
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.For():
                yield _short(node), "pass", (), ast.Pass()
            case ast.Return(value=None):
                yield "return", "pass", (), ast.Pass()
            # Nothing instead of False is no change to whoever asks for the truth of it.
            case ast.Return(value=value) if not isinstance(value, ast.Constant):
                yield _short(node), "return None", ("value",), NOTHING
            case ast.If(test=test):
                yield f"if {_short(test)}: …", "pass", (), ast.Pass()
                if not isinstance(test, ast.Compare):
                    denied = ast.UnaryOp(op=ast.Not(), operand=test)
                    yield f"if {_short(test)}", f"if {_short(denied)}", ("test",), denied

    def _of_expression(self, name: str, node: ast.expr) -> Iterator[ast.expr]:
        match node:
            case ast.Constant(value=bool() as value):
                yield ast.Constant(value=not value)
            case ast.Constant(value=int() as value):
                yield ast.Constant(value=value + 1)
            case ast.Constant(value=str() as value):
                yield ast.Constant(value=f"{value}?" if value else "?")
            case ast.Attribute(value=ast.Name(id=of), attr=attr) if attr in self.enums.get(of, ()):
                members = self.enums[of]
                yield _with(node, attr=members[(members.index(attr) + 1) % len(members)])
            case ast.Name(id=called) if called in SWAPPED and name == "func":
                yield _with(node, id=SWAPPED[called])
            case _:
                yield from _of_operation(node)


def _of_operation(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                for other in ORDER[type(op)]:
                    yield _with(node, ops=[*ops[:index], other(), *ops[index + 1 :]])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=op, left=left, right=right) if type(op) in SUMS:
            yield _with(node, op=SUMS[type(op)]())
            yield left
            yield right
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse


def _less(node: ast.AST) -> Iterator[Change]:
    """The same with one element, argument, condition or case less."""
    match node:
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            for index, each in enumerate(values):
                rest = values[:index] + values[index + 1 :]
                yield (
                    f"… {word} {_short(each)}",
                    "without",
                    (),
                    rest[0] if len(rest) == 1 else _with(node, values=rest),
                )
        case ast.Dict(keys=keys, values=values):
            for index, key in enumerate(keys):
                fewer = _with(
                    node, keys=keys[:index] + keys[index + 1 :], values=values[:index] + values[index + 1 :]
                )
                yield f"{{…}} with {_short(key) if key else '**'}", "without", (), fewer
        case _ if not isinstance(getattr(node, "ctx", None), ast.Store):
            for field in ("elts", "keywords", "ifs", "cases"):
                for index, each in enumerate(getattr(node, field, ())):
                    yield f"{_short(node)} with {_short(each)}", "without", (field, index), None


def _with(node: Any, **changes: Any) -> Any:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _is_text(node: ast.AST) -> bool:
    """A text marked for translation."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


def _is_type(node: ast.AST) -> bool:
    """A name for a type, such as ``Callable[[Act], Iterator[Ruling]]``."""
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in TYPES


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-27:]}"


def enumerations(folder: Path) -> dict[str, tuple[str, ...]]:
    """The members of every enumeration of a package, by its name."""
    found = {}
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.ClassDef(bases=[ast.Name(id="StrEnum" | "IntEnum")]):
                    names = [
                        each.targets[0].id
                        for each in node.body
                        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
                    ]
                    found[node.name] = tuple(names)
    return found
