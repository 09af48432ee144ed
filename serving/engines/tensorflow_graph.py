"""What the operators of a TensorFlow graph say about a signature."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from serving.engines.base import Traits

if TYPE_CHECKING:
    from tensorflow.core.framework import graph_pb2, node_def_pb2

_LOOPS = re.compile(
    r"(Stateless)?While|(Ref)?(Enter|NextIteration)|LoopCond|MapDefun|For"
)
# Operators with state that leave it as it is.
_READERS = re.compile(
    r"Variable(V2|Shape)?|Var(Handle|IsInitialized)Op|ReadVariable\w+|DisableCopyOnRead"
    r"|ResourceGather(Nd)?|(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?"
    r"|LookupTable(Find|Size|Export)(V2)?|StatefulPartitionedCall|If|Case|While|Assert"
    r"|CheckNumerics(V2)?|TensorArray\w*|Stack\w*"
)


def find_operators(
    graph: "graph_pb2.GraphDef", tensor_names: Iterable[str]
) -> set[str]:
    """Returns the operators that may run when these tensors are fetched.

    Of a function that is called, all count.
    """
    functions = {each.signature.name: each.node_def for each in graph.library.function}
    pending = _ancestors(graph, tensor_names)
    operators: set[str] = set()
    called: set[str] = set()
    while pending:
        node = pending.pop()
        operators.add(node.op)
        for name in (_called(node) & functions.keys()) - called:
            called.add(name)
            pending += functions[name]
    return operators


def traits_of(operators: Iterable[str]) -> Traits:
    """Returns what follows from the operators of a signature.

    Example:

    >>> traits_of({"Placeholder", "VarHandleOp", "ReadVariableOp", "MatMul"})
    Traits(has_loops=False, has_side_effects=False)
    >>> traits_of({"While", "AssignAddVariableOp"})
    Traits(has_loops=True, has_side_effects=True)
    """
    return Traits(
        has_loops=any(map(_LOOPS.fullmatch, operators)),
        has_side_effects=any(map(_has_side_effects, operators)),
    )


def _ancestors(
    graph: "graph_pb2.GraphDef", tensor_names: Iterable[str]
) -> "list[node_def_pb2.NodeDef]":
    """Returns the nodes of the main graph that these tensors need."""
    nodes = {node.name: node for node in graph.node}
    pending, found = list(tensor_names), {}
    while pending:
        name = pending.pop().removeprefix("^").partition(":")[0]
        if name in nodes and name not in found:
            found[name] = nodes[name]
            pending += nodes[name].input
    return list(found.values())


def _called(node: "node_def_pb2.NodeDef") -> set[str]:
    """Returns the names of the functions that a node may call."""
    functions = [each for value in node.attr.values() for each in value.list.func]
    functions += [value.func for value in node.attr.values() if value.HasField("func")]
    return {node.op, *(each.name for each in functions)}


def _has_side_effects(operator: str) -> bool:
    """Whether an operator may change a variable, a table or what is drawn next."""
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(operator)
    if definition is None:
        return False  # a function, whose operators count themselves
    writes_variable = any(argument.is_ref for argument in definition.input_arg)
    keeps_state = definition.is_stateful and not _READERS.fullmatch(operator)
    return writes_variable or keeps_state
