"""Small changes of a module's source, one at a time, which its tests have to notice (`scripts/mutate`).

What is changed into what are mutmut's operators. Where they are applied is decided here, because mutmut's own runner
leaves out what matters in the domain: tables and constants of a module, and everything in a property.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
_NEVER_CHANGED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
"""No decision is made in these; a dataclass that is no longer frozen behaves the same."""
_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement, cst.MatchCase)
_CALLS_OF_TYPES = {"len", "isinstance", "assert_never", "cast", "field"}
"""What is handed to these is checked by mypy."""
_ENUMERATIONS = {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
_CAP_WORDS = re.compile(r"_?[A-Z]+[a-z]\w*")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: of the lines `first` to `last`, which begin with the statement that is changed."""

    first: int
    last: int
    within: tuple[str, ...]
    """The outermost function whose body it is in, after the classes around it; empty where it is in none."""
    _tree: cst.Module
    _node: cst.CSTNode
    _instead: cst.CSTNode

    def source(self) -> str:
        """Return the whole module with the change in it."""
        changed = self._tree.deep_replace(self._node, self._instead)
        return changed.code if isinstance(changed, cst.Module) else ""

    def diff(self) -> str:
        """Return the lines before and after, with `-` and `+` before them."""
        lines = difflib.unified_diff(self._tree.code.splitlines(), self.source().splitlines(), lineterm="", n=0)
        return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))


def mutants_of(source: str) -> list[Mutant]:
    """Return every change of a module's source, in the order of the lines they begin in."""
    places = _Places()
    tree = MetadataWrapper(cst.parse_module(source)).visit(places)
    return [Mutant(*place, tree, node, instead) for place, node, instead in places.found]


class _Places(cst.CSTVisitor):  # type: ignore[misc] # libcst is not there where types are checked
    """Collects what can be changed, with the lines it stands in."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[tuple[int, int, tuple[str, ...]], cst.CSTNode, cst.CSTNode]] = []
        self._around: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._is_left_out(node):
            return False
        self._around.append(node)
        for instead in _changes(node):
            if not self._is_of_no_account(node, instead):
                self.found.append(((*self._lines(node), self._within()), node, instead))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        # A node that was left out is left as well, without having been entered.
        if self._around and self._around[-1] is original_node:
            self._around.pop()

    def _is_left_out(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _NEVER_CHANGED):
            return True
        if isinstance(node, _TEXTS):
            # Sentences do not count: tests assert codes.
            return any(isinstance(one, cst.Raise) for one in self._around)
        if isinstance(node, cst.MatchCase):
            return _does_nothing(node)
        if isinstance(node, cst.Assign):
            # Names on the wire are kept by the schemas' tests; names of types and of exports are read by tools alone.
            return self._is_in_enumeration() or self._is_for_tools(node)
        return False

    def _is_in_enumeration(self) -> bool:
        around = next((one for one in reversed(self._around) if isinstance(one, cst.BaseCompoundStatement)), None)
        if not isinstance(around, cst.ClassDef):
            return False
        return any(isinstance(base.value, cst.Name) and base.value.value in _ENUMERATIONS for base in around.bases)

    def _is_for_tools(self, node: cst.Assign) -> bool:
        target = node.targets[0].target
        if not isinstance(target, cst.Name) or any(isinstance(one, cst.BaseCompoundStatement) for one in self._around):
            return False
        return target.value == "__all__" or _CAP_WORDS.fullmatch(target.value) is not None

    def _is_of_no_account(self, node: cst.CSTNode, instead: cst.CSTNode) -> bool:
        if isinstance(node, cst.AnnAssign):
            return True  # None in its place is no value of the type that stands beside it, as mypy says
        if isinstance(node, cst.Match) and isinstance(instead, cst.Match):
            return any(_does_nothing(case) for case in set(node.cases) - set(instead.cases))
        if isinstance(node, cst.Call) and isinstance(instead, cst.Call):
            if isinstance(node.func, cst.Name) and node.func.value in _CALLS_OF_TYPES:
                return True
            in_raise = any(isinstance(one, cst.Raise) for one in self._around)
            return in_raise and _texts(node) != _texts(instead)
        return False

    def _lines(self, node: cst.CSTNode) -> tuple[int, int]:
        statement = next(one for one in reversed(self._around) if isinstance(one, (*_STATEMENTS, cst.Module)))
        first = self.get_metadata(PositionProvider, statement).start.line
        position = self.get_metadata(PositionProvider, node, None)
        return first, position.end.line if position else first


    def _within(self) -> tuple[str, ...]:
        names: list[str] = []
        for outer, inner in pairwise(self._around):
            if isinstance(outer, cst.ClassDef | cst.FunctionDef):
                names.append(outer.name.value)
            if isinstance(outer, cst.FunctionDef):
                return tuple(names) if isinstance(inner, cst.BaseSuite) else ()
        return ()


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from operator(node)


def _texts(call: cst.Call) -> int:
    return sum(isinstance(argument.value, _TEXTS) for argument in call.args)


def _does_nothing(case: cst.MatchCase) -> bool:
    code: str = cst.Module([]).code_for_node(case.body).strip()
    return code == "pass" or code.startswith("assert_never(")
