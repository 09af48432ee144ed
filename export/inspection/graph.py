"""Walks a TensorFlow graph and its functions: what is reached, and from which files."""

import collections
import dataclasses
import enum
import graphlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorflow.core.framework import function_pb2, graph_pb2, node_def_pb2

MAIN = ""  # the name of the graph that is no function
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_PASSES_ON = ("Identity", "StopGradient", "PlaceholderWithDefault", "EnsureShape")
_JOINS = (
    *("StringJoin", "ShardedFilename", "Pack", "ConcatV2", "Select", "SelectV2"),
    "StaticRegexFullMatch",
)


class MalformedGraphError(ValueError):
    """A graph that TensorFlow could not load."""


class Source(enum.Enum):
    """Where a tensor comes from, if it is the name of a file."""

    OTHER = "anything"
    ASSET = "a file in assets/"
    CHECKPOINT = "the checkpoint in variables/"


@dataclasses.dataclass(frozen=True)
class Body:
    """The nodes of the graph, or of a function.

    Args:
        name: Of the function; `MAIN` for the graph.
        arguments: Position of each argument.
        nodes: By name.
        is_plain: Whether each argument is one tensor, not a list of them.
    """

    name: str
    arguments: Mapping[str, int]
    nodes: Mapping[str, "node_def_pb2.NodeDef"]
    is_plain: bool = True

    @classmethod
    def of(cls, function: "function_pb2.FunctionDef") -> "Body":
        """Returns the body of a function."""
        given = function.signature.input_arg
        names = _by_name(given, "argument")
        return cls(
            function.signature.name,
            {name: position for position, name in enumerate(names)},
            _by_name(function.node_def, "node"),
            not any(each.number_attr or each.type_list_attr for each in given),
        )


@dataclasses.dataclass(frozen=True)
class Use:
    """A node that is reached, with the body that it is in."""

    body: Body
    node: "node_def_pb2.NodeDef"


class Program:
    """A graph with its library of functions.

    Args:
        graph: From a SavedModel.

    Raises:
        MalformedGraphError: If TensorFlow could not load it: two nodes or functions
            have one name, or functions call each other in a circle.
    """

    def __init__(self, graph: "graph_pb2.GraphDef") -> None:
        self.main = Body(MAIN, {}, _by_name(graph.node, "node"))
        functions = [Body.of(function) for function in graph.library.function]
        self._bodies = _by_name(functions, "function")
        self._check_calls()
        self._variables = collections.Counter(
            _variable_name(node) for node in self.nodes() if node.op == "VarHandleOp"
        )
        self._users: dict[str, list[node_def_pb2.NodeDef]] = {}
        for node in graph.node:
            for name in {_node(each) for each in node.input if each[:1] != "^"}:
                self._users.setdefault(name, []).append(node)
        self._gradients: dict[str, str] = {
            each.function_name: each.gradient_func for each in graph.library.gradient
        }
        # The runtime may replace a function by another one of the same interface.
        self._interfaces: dict[str, bytes] = {}
        self._implementations: dict[bytes, list[str]] = {}
        for function in graph.library.function:
            if "api_implements" in function.attr:
                name, interface = (
                    function.signature.name,
                    function.attr["api_implements"].s,
                )
                self._interfaces[name] = interface
                self._implementations.setdefault(interface, []).append(name)

    def __contains__(self, name: str) -> bool:
        return name in self._bodies

    def body(self, name: str) -> Body:
        """Returns the body of a function."""
        return self._bodies[name]

    def nodes(self) -> "Iterator[node_def_pb2.NodeDef]":
        """Yields every node, reached or not."""
        for body in (self.main, *self._bodies.values()):
            yield from body.nodes.values()

    def stand_ins(self, name: str) -> Iterator[str]:
        """Yields the functions that may run in the place of this one."""
        if name in self._interfaces:
            yield from self._implementations[self._interfaces[name]]
        gradient = self._gradients.get(name, "")
        if gradient in self:
            yield gradient

    def assigned(self, variable: str) -> str | None:
        """Returns what is all that a variable of the main graph can hold.

        TensorFlow keeps the path of an asset in a variable that the graph assigns once.

        Args:
            variable: Name of the node of its handle.

        Returns:
            The tensor that is assigned to it; None if it is not used in this way alone.
        """
        handle = self.main.nodes.get(variable)
        if handle is None or handle.op != "VarHandleOp":
            return None
        if self._variables[_variable_name(handle)] > 1:
            return None
        values = []
        for node in self._users.get(variable, ()):
            if node.op == "AssignVariableOp" and _node(node.input[0]) == variable:
                values += node.input[1:2]
            elif node.op not in ("ReadVariableOp", "VarIsInitializedOp"):
                return None
        return values[0] if len(values) == 1 else None

    def _check_calls(self) -> None:
        called = {
            name: {
                each
                for node in body.nodes.values()
                for each in (node.op, *(function for _, function in _functions(node)))
                if each in self
            }
            for name, body in self._bodies.items()
        }
        try:
            graphlib.TopologicalSorter(called).prepare()
        except graphlib.CycleError as error:
            raise MalformedGraphError(
                f"function {error.args[1][0]!r} calls itself through others"
            ) from error


class Walk:
    """One walk of a program from some of its tensors and functions.

    Args:
        program: To walk.
        files: Tensors of the main graph that name files.
    """

    def __init__(self, program: Program, files: Mapping[str, Source]) -> None:
        self._program = program
        self._files = {_tensor(name): source for name, source in files.items()}
        self._arguments: dict[str, tuple[Source, ...]] = {}
        self._pending: list[str] = []
        self._main: dict[str, node_def_pb2.NodeDef] = {}

    def start(self, tensors: Iterable[str], fed: Collection[str] = ()) -> None:
        """Walks what computes these tensors or operations of the main graph.

        Args:
            tensors: Their names.
            fed: Tensors that the caller gives, so that nothing computes them.
        """
        given, seen = {_tensor(name) for name in fed}, set()
        pending = list(tensors)
        while pending:
            tensor = pending.pop()
            name = _node(tensor)
            node = self._program.main.nodes.get(name)
            if node is None or name in seen or _tensor(tensor) in given:
                continue
            seen.add(name)
            self._main[name] = node
            pending += node.input
        self._visit(self._program.main, [self._main[name] for name in seen])
        self._finish()

    def call(self, name: str, captured: Sequence[Source] = ()) -> None:
        """Walks a function.

        Args:
            name: Of the function.
            captured: Sources of its last arguments; the others come from the caller.
        """
        if name not in self._program:
            return
        free = len(self._program.body(name).arguments) - len(captured)
        self._enter(name, (*(Source.OTHER,) * free, *captured))
        self._finish()

    def uses(self) -> Iterator[Use]:
        """Yields the reached nodes but calls of functions."""
        for node in self._main.values():
            if node.op not in self._program:
                yield Use(self._program.main, node)
        for name in self._arguments:
            body = self._program.body(name)
            for node in body.nodes.values():
                if node.op not in self._program:
                    yield Use(body, node)

    def missing(self) -> Iterator[str]:
        """Yields the names of functions that reached nodes call and nobody defines."""
        for use in self.uses():
            for _, function in _functions(use.node):
                if function not in self._program:
                    yield function

    def source(self, body: Body, tensor: str) -> Source:
        """Returns where a tensor comes from, unchanged."""
        seen = set()
        while tensor not in seen:
            seen.add(tensor)
            if body.name == MAIN and _tensor(tensor) in self._files:
                return self._files[_tensor(tensor)]
            name = _node(tensor)
            if name in body.arguments:
                return self._arguments[body.name][body.arguments[name]]
            node = body.nodes.get(name)
            if node is None or not node.input:
                break
            if node.op in _PASSES_ON:
                tensor = node.input[0]
            elif node.op == "ReadVariableOp" and body.name == MAIN:
                tensor = self._program.assigned(_node(node.input[0])) or tensor
        return Source.OTHER

    def comes_from(self, body: Body, tensor: str, source: Source) -> bool:
        """Whether a tensor is a file name of that source, unchanged."""
        return self.source(body, tensor) is source

    def is_beside(self, body: Body, tensor: str, source: Source) -> bool:
        """Whether a file name is that of `source`, joined with literals alone."""
        pending, seen, found = [tensor], set(), False
        while pending:
            tensor = pending.pop()
            if tensor in seen or tensor.startswith("^"):
                continue
            seen.add(tensor)
            if self.source(body, tensor) is source:
                found = True
                continue
            node = body.nodes.get(_node(tensor))
            if node is None or not (
                node.op in _JOINS or node.op in _PASSES_ON or _is_part(node)
            ):
                return False
            pending += node.input
        return found

    def _finish(self) -> None:
        while self._pending:
            name = self._pending.pop()
            for other in self._program.stand_ins(name):
                self._enter(other, self._unknown(other))
            body = self._program.body(name)
            self._visit(body, body.nodes.values())

    def _visit(self, body: Body, nodes: Iterable["node_def_pb2.NodeDef"]) -> None:
        for node in nodes:
            if node.op in self._program:
                self._enter(node.op, self._given(body, node))
            for attribute, function in _functions(node):
                if function in self._program:
                    is_call = attribute == "f" and node.op in _CALLS
                    given = self._given(body, node) if is_call else ()
                    self._enter(function, given or self._unknown(function))

    def _enter(self, name: str, arguments: tuple[Source, ...]) -> None:
        unknown = self._unknown(name)
        if len(arguments) != len(unknown) or not self._program.body(name).is_plain:
            arguments = unknown
        known = self._arguments.get(name)
        if known in (arguments, unknown):
            return
        # Two callers that differ: its arguments can be anything.
        self._arguments[name] = arguments if known is None else unknown
        self._pending.append(name)

    def _given(self, body: Body, node: "node_def_pb2.NodeDef") -> tuple[Source, ...]:
        inputs = [name for name in node.input if not name.startswith("^")]
        return tuple(self.source(body, name) for name in inputs)

    def _unknown(self, name: str) -> tuple[Source, ...]:
        return (Source.OTHER,) * len(self._program.body(name).arguments)


def _functions(node: "node_def_pb2.NodeDef") -> Iterator[tuple[str, str]]:
    """Yields the functions that the attributes of a node name, nested ones too."""
    pending = list(node.attr.items())
    while pending:
        attribute, value = pending.pop()
        kind = value.WhichOneof("value")
        found = [value.func] if kind == "func" else value.list.func
        for function in found:
            yield attribute, function.name
            pending += [("", each) for each in function.attr.values()]


def _by_name(items: Iterable[Any], kind: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for item in items:
        if item.name in named:
            raise MalformedGraphError(f"it has two {kind}s {item.name!r}")
        named[item.name] = item
    return named


def _variable_name(handle: "node_def_pb2.NodeDef") -> bytes:
    return handle.attr["shared_name"].s or handle.name.encode()


def _is_part(node: "node_def_pb2.NodeDef") -> bool:
    """Whether a node is a number, or a part of a path that leads to no other folder."""
    return node.op == "Const" and not any(
        text.startswith(b"/") or b".." in text
        for text in node.attr["value"].tensor.string_val
    )


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").partition(":")[0]


def _tensor(name: str) -> str:
    """Returns the full name of the first output, which may be left out."""
    return name if ":" in name else f"{name}:0"
