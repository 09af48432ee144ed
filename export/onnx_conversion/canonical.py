"""The one form of an ONNX graph: what its outputs need, in one order, with one naming.

A converter counts up names in a process and iterates over sets, so what it writes of
the same weights differs from one run to the next. Here nodes stand in the order of a
depth-first walk from the outputs, named by operator and number, and constants by the
input that they are: the bytes of the file depend on the graph alone.
"""

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto

_OPTIONAL = onnx.defs.OpSchema.FormalParameterOption.Optional


def canonical(model: ModelProto) -> ModelProto:
    """Returns the model in its one form; the names of inputs and outputs stay."""
    names = _Names(
        (each.name for each in (*model.graph.input, *model.graph.output)),
        {each.domain: each.version for each in model.opset_import},
    )
    graph = _Rewriter(names).rewritten(model.graph)
    used = {"", *(node.domain for node in all_nodes(graph))}
    return onnx.helper.make_model(
        graph,
        ir_version=model.ir_version,
        producer_name=model.producer_name,
        producer_version=model.producer_version.split(" ")[0],
        opset_imports=sorted(
            (each for each in model.opset_import if each.domain in used),
            key=lambda each: each.domain,
        ),
    )


def all_nodes(graph: GraphProto) -> Iterator[NodeProto]:
    """Yields the nodes, and those of the graphs inside them."""
    for node in graph.node:
        yield node
        for inner in _inner_graphs(node):
            yield from all_nodes(inner)


def ordered(graph: GraphProto) -> list[NodeProto]:
    """Returns the nodes that the outputs need, each after those that it needs."""
    producers = {name: node for node in graph.node for name in node.output if name}
    seen: set[int] = set()
    found = []
    pending = [iter([each.name for each in graph.output])]
    waiting: list[NodeProto | None] = [None]
    while pending:
        name = next(pending[-1], None)
        if name is None:
            pending.pop()
            node = waiting.pop()
            if node is not None:
                found.append(node)
        elif name in producers and id(producers[name]) not in seen:
            node = producers[name]
            seen.add(id(node))
            pending.append(iter(_needs(node)))
            waiting.append(node)
    return found


def _needs(node: NodeProto) -> list[str]:
    """Returns the tensors that a node reads, those of its inner graphs included."""
    inner = (name for each in _inner_graphs(node) for name in _free(each))
    return [*filter(None, node.input), *inner]


def _free(graph: GraphProto) -> list[str]:
    """Returns the tensors that a graph reads from those around it."""
    bound = {each.name for each in (*graph.input, *graph.initializer)}
    nodes = ordered(graph)
    bound |= {name for node in nodes for name in node.output}
    read = [name for node in nodes for name in _needs(node)]
    read += [each.name for each in graph.output]
    return [name for name in dict.fromkeys(read) if name not in bound]


def _inner_graphs(node: NodeProto) -> list[GraphProto]:
    return [each.g for each in _attributes(node) if each.type == AttributeProto.GRAPH]


def _attributes(node: NodeProto) -> list[AttributeProto]:
    return sorted(node.attribute, key=lambda each: each.name)


class _Names:
    """Gives names that are unique in a model.

    Args:
        taken: Names that are not to be given.
        versions: Of the operators, by domain.
    """

    def __init__(self, taken: Iterable[str], versions: Mapping[str, int]) -> None:
        self._taken = set(taken)
        self._versions = versions
        self._counts: Counter[str] = Counter()

    def of_node(self, operator: str) -> str:
        """Returns `Conv_0`, `Conv_1` and so on."""
        self._counts[operator] += 1
        return self.free(f"{operator}_{self._counts[operator] - 1}")

    def of_constant(self, node: NodeProto, name: str, index: int) -> str:
        """Returns the name of a node and of one of its inputs: `Conv_0_W`."""
        formal = self.schema(node).inputs
        return self.free(f"{name}_{formal[min(index, len(formal) - 1)].name}")

    def free(self, name: str) -> str:
        """Returns the name, lengthened where it is taken."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def schema(self, node: NodeProto) -> onnx.defs.OpSchema:
        """Returns what ONNX says of the operator."""
        version = self._versions[node.domain]
        return onnx.defs.get_schema(node.op_type, version, node.domain)


class _Rewriter:
    """Rewrites a graph.

    Args:
        names: Of the model.
        outer: New names of the tensors around the graph, by their old ones; None for
            the graph of the model.
        name: Of the graph, if it is inside another.
    """

    def __init__(
        self, names: _Names, outer: Mapping[str, str] | None = None, name: str = ""
    ) -> None:
        self._names, self._name, self._is_inner = names, name, outer is not None
        self._new = ChainMap({}, dict(outer or {}))
        self._constants: dict[tuple, str] = {}
        self._result = GraphProto(name=name or "model")

    def rewritten(self, graph: GraphProto) -> GraphProto:
        """Returns the graph in its one form."""
        self._stored = {each.name: each for each in graph.initializer}
        nodes = ordered(graph)
        results = [each.name for each in graph.output]
        self._used = {*results, *(name for node in nodes for name in _needs(node))}
        for i, each in enumerate(graph.input):
            name = f"{self._name}_input_{i}"
            self._new[each.name] = (
                self._names.free(name) if self._is_inner else each.name
            )
        if not self._is_inner:
            self._new |= {name: name for name in results if name not in self._stored}
        for node in nodes:
            self._result.node.append(self._node(node))
        for i, name in enumerate(results):
            self._keep(name, f"{self._name}_output_{i}" if self._is_inner else name)
        for old, new in (
            (graph.input, self._result.input),
            (graph.output, self._result.output),
        ):
            for each in old:
                new.add().CopyFrom(each)
                new[-1].name = self._new[each.name]
                for size in new[-1].type.tensor_type.shape.dim:
                    size.ClearField("dim_param")  # the converter counts them, too
        return self._result

    def _node(self, node: NodeProto) -> NodeProto:
        name = self._names.of_node(node.op_type)
        for i, each in enumerate(node.input):
            if each in self._stored and each not in self._new.maps[0]:
                self._keep(each, self._names.of_constant(node, name, i))
        for each in _needs(node):
            self._keep(each, f"{name}_constant")
        result = NodeProto(op_type=node.op_type, domain=node.domain, name=name)
        result.input.extend(
            _trimmed(self._new[each] if each else "" for each in node.input)
        )
        result.output.extend(_trimmed(self._outputs(node, name)))
        for each in _attributes(node):
            result.attribute.append(self._attribute(each, name))
        return result

    def _outputs(self, node: NodeProto, name: str) -> Iterator[str]:
        """Yields the names of the outputs; none of those that nobody needs."""
        formal = self._names.schema(node).outputs
        for i, each in enumerate(node.output):
            is_optional = formal[min(i, len(formal) - 1)].option == _OPTIONAL
            if not each or (is_optional and each not in self._used):
                yield ""
                continue
            if each not in self._new.maps[0]:
                self._new[each] = self._names.free(
                    f"{name}_output_{i}" if i else f"{name}_output"
                )
            yield self._new[each]

    def _attribute(self, attribute: AttributeProto, name: str) -> AttributeProto:
        result = AttributeProto()
        result.CopyFrom(attribute)
        result.ClearField("doc_string")
        if attribute.type == AttributeProto.TENSOR:
            result.t.ClearField("name")  # the converter counts them, too
        elif attribute.type == AttributeProto.GRAPH:
            inner = _Rewriter(self._names, self._new, f"{name}_{attribute.name}")
            result.g.CopyFrom(inner.rewritten(attribute.g))
        return result

    def _keep(self, old: str, new: str) -> None:
        """Keeps a constant, once for equal ones."""
        if old not in self._stored or old in self._new.maps[0]:
            return
        array = onnx.numpy_helper.to_array(self._stored[old])
        key = array.dtype.str, array.shape, array.tobytes()
        if array.dtype == object or key not in self._constants:
            self._constants[key] = new
            self._result.initializer.append(onnx.numpy_helper.from_array(array, new))
        self._new[old] = self._constants[key]


def _trimmed(names: Iterable[str]) -> list[str]:
    """Drops what is left out at the end."""
    found = list(names)
    while found and not found[-1]:
        found.pop()
    return found
