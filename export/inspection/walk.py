"""Walks a TensorFlow graph and its functions: what is reached, and from which files."""

import dataclasses
import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from export.inspection.program import MAIN, Body, Program, called_by, node_of

if TYPE_CHECKING:
    from tensorflow.core.framework import node_def_pb2

_STRING = 7  # of the types of TensorFlow
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_PASSES_ON = ("Identity", "StopGradient", "PlaceholderWithDefault", "EnsureShape")
_CHOICES = ("Select", "SelectV2")
# By their first input, a file name stays in its folder whatever parts are added.
_JOINS = ("StringJoin", "ShardedFilename")
_LISTS = ("Pack", "ConcatV2")


class Source(enum.Enum):
    """Where a tensor comes from, if it is the name of a file."""

    OTHER = "anything"
    ASSET = "a file in assets/"
    CHECKPOINT = "the checkpoint in variables/"


@dataclasses.dataclass(frozen=True)
class Use:
    """A node that is reached, with the body that it is in."""

    body: Body
    node: "node_def_pb2.NodeDef"


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
            name = node_of(tensor)
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
            for _, function in called_by(use.node):
                if function not in self._program:
                    yield function

    def source(self, body: Body, tensor: str) -> Source:
        """Returns where a tensor comes from, unchanged."""
        seen = set()
        while tensor not in seen:
            seen.add(tensor)
            if body.name == MAIN and _tensor(tensor) in self._files:
                return self._files[_tensor(tensor)]
            name = node_of(tensor)
            if name in body.arguments:
                return self._arguments[body.name][body.arguments[name]]
            node = body.nodes.get(name)
            if node is None or not node.input:
                break
            if node.op in _PASSES_ON:
                tensor = node.input[0]
            elif node.op == "ReadVariableOp" and body.name == MAIN:
                tensor = self._program.assigned(node_of(node.input[0])) or tensor
        return Source.OTHER

    def comes_from(self, body: Body, tensor: str, source: Source) -> bool:
        """Whether a tensor is a file name of that source, unchanged."""
        return self.source(body, tensor) is source

    def is_beside(self, body: Body, tensor: str, source: Source) -> bool:
        """Whether a file name is that of `source`, followed by literals alone."""
        pending, seen = [(tensor, False)], set()
        while pending:
            tensor, is_part = each = pending.pop()
            if each in seen or tensor.startswith("^"):
                continue
            seen.add(each)
            if not is_part and self.source(body, tensor) is source:
                continue
            node = body.nodes.get(node_of(tensor))
            if node is None:
                return False
            inputs = [name for name in node.input if not name.startswith("^")]
            if node.op in _PASSES_ON:
                pending += [(name, is_part) for name in inputs[:1]]
            elif node.op in _CHOICES:
                pending += [(name, is_part) for name in inputs[1:]]
            elif is_part:
                if not _is_part(node):
                    return False
            elif node.op in _JOINS and not node.attr["separator"].s:
                pending += [(name, i > 0) for i, name in enumerate(inputs)]
            elif node.op in _LISTS and inputs:
                last = len(inputs) - 1 if node.op == "ConcatV2" else len(inputs)
                pending += [(name, i == last) for i, name in enumerate(inputs)]
            else:
                return False
        return True

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
            for attribute, function in called_by(node):
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


def _is_part(node: "node_def_pb2.NodeDef") -> bool:
    """Whether a node is a number, or a part of a path that leads to no other folder.

    Two dots would do so, also where one ends a part and one begins the next.
    """
    tensor = node.attr["value"].tensor
    return (
        node.op == "Const"
        and node.attr["value"].HasField("tensor")
        and not (tensor.dtype == _STRING and tensor.tensor_content)
        and not any(
            text.startswith(b"/") or b".." in text or text.endswith(b".")
            for text in tensor.string_val
        )
    )


def _tensor(name: str) -> str:
    """Returns the full name of the first output, which may be left out."""
    return name if ":" in name else f"{name}:0"
