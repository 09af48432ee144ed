"""A TensorFlow graph with its library of functions."""

import collections
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from export.inspection.unfolding import UnfoldingError, check_calls

if TYPE_CHECKING:
    from tensorflow.core.framework import function_pb2, graph_pb2, node_def_pb2

MAIN = ""  # the name of the graph that is no function


class MalformedGraphError(ValueError):
    """A graph that TensorFlow could not load, or not hold."""


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


class Program:
    """A graph with its library of functions.

    Args:
        graph: From a SavedModel.

    Raises:
        MalformedGraphError: If TensorFlow could not load it: two nodes or functions
            have one name, or functions call each other in a circle or too often.
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
            for name in {node_of(each) for each in node.input if each[:1] != "^"}:
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
            if node.op == "AssignVariableOp" and node_of(node.input[0]) == variable:
                values += node.input[1:2]
            elif node.op not in ("ReadVariableOp", "VarIsInitializedOp"):
                return None
        return values[0] if len(values) == 1 else None

    def _check_calls(self) -> None:
        bodies = {
            body.name: collections.Counter(
                each
                for node in body.nodes.values()
                for each in (node.op, *(function for _, function in called_by(node)))
            )
            for body in (self.main, *self._bodies.values())
        }
        try:
            check_calls(bodies)
        except UnfoldingError as error:
            raise MalformedGraphError(str(error)) from error


def called_by(node: "node_def_pb2.NodeDef") -> Iterator[tuple[str, str]]:
    """Yields the functions that the attributes of a node name, nested ones too."""
    pending = list(node.attr.items())
    while pending:
        attribute, value = pending.pop()
        kind = value.WhichOneof("value")
        found = [value.func] if kind == "func" else value.list.func
        for function in found:
            yield attribute, function.name
            pending += [("", each) for each in function.attr.values()]


def node_of(tensor: str) -> str:
    """Returns the name of the node, or argument, that a tensor or dependency is of.

    >>> node_of("dense/MatMul:product:0"), node_of("^init")
    ('dense/MatMul', 'init')
    """
    return tensor.removeprefix("^").partition(":")[0]


def _by_name(items: Iterable[Any], kind: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for item in items:
        if item.name in named:
            raise MalformedGraphError(f"it has two {kind}s {item.name!r}")
        named[item.name] = item
    return named


def _variable_name(handle: "node_def_pb2.NodeDef") -> bytes:
    return handle.attr["shared_name"].s or handle.name.encode()
