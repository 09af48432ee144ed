"""Judges a SavedModel by its protobuf, without loading it.

Each graph in it is walked three times: from its signatures, which run for clients; from
its initializers, which run when it is loaded and may read assets; and from its saver,
which may read and write the checkpoint.
"""

import collections
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from export.errors import ExportError
from export.formats.saved_model import (
    describe_signatures,
    read_saved_model,
    served_graphs,
)
from export.inspection import operators
from export.inspection.paths import is_inside, total_bytes
from export.inspection.program import MalformedGraphError, Program
from export.inspection.report import Inspection
from export.inspection.walk import Source, Walk

if TYPE_CHECKING:
    from tensorflow.core.framework import node_def_pb2, tensor_pb2
    from tensorflow.core.protobuf import meta_graph_pb2, saved_object_graph_pb2

FORMAT = "saved_model"
ARTIFACT = "saved_model.pb"
LARGEST_CONSTANT = 2**31  # bytes; no graph holds more, unless a constant unfolds
LARGEST_UNFOLDED = 2**28  # bytes, of all constants that say one value for many
_INIT_OP = "__saved_model_init_op"
_FINGERPRINT = "fingerprint.pb"  # TensorFlow reads it where it is there
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op", "table_initializer")
# Names of children, by the kind of the object, that the loader takes for no methods.
_HARMLESS = {
    "user_object": r"(?!add_slot$)[^_].*|__call__",
    "function": r"(trace|capture)_\d+",
    "bare_concrete_function": r"(trace|capture)_\d+",
}


def inspect(folder: Path) -> Inspection:
    """Inspects the SavedModel in a folder.

    Raises:
        ExportError: If it is none that could be loaded.
    """
    from google.protobuf.message import DecodeError

    saved_model = read_saved_model(folder)
    reached: dict[tuple[str, str], str] = {}
    refused: list[str] = []
    reads: list[str] = []
    try:
        for meta_graph in served_graphs(saved_model):
            program = Program(meta_graph.graph_def)
            refused += _constant_refusals(program)
            for who, walk in _walks(meta_graph, program).items():
                for use in walk.uses():
                    reached[use.body.name, use.node.name] = use.node.op
                refused += _refusals(who, walk)
            reads += [
                # Joined as TensorFlow does it: an absolute path stays what it is.
                (PurePosixPath("assets") / name).as_posix()
                for name in _assets(meta_graph).values()
            ]
    except (MalformedGraphError, DecodeError) as error:
        raise ExportError(f"{folder / ARTIFACT} is damaged: {error}.") from error
    reads += [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.glob("variables/*"))
    ]
    refused += [
        f"it reads {name!r}, which is not in its folder"
        for name in reads
        if not is_inside(folder, name)
    ]
    refused += [
        f"it reads {name!r}, which is no regular file"
        for name in (*reads, _FINGERPRINT)
        if (folder / name).exists() and not (folder / name).is_file()
    ]
    used = collections.Counter(reached.values())
    return Inspection(
        path=folder / ARTIFACT,
        format=FORMAT,
        bytes=total_bytes(folder, [ARTIFACT, *reads]),
        signatures=describe_signatures(saved_model),
        operators=dict(sorted(used.items())),
        custom=tuple(sorted(filter(operators.is_custom, used))),
        reads=tuple(dict.fromkeys(reads)),
        refused=tuple(dict.fromkeys(refused)),
    )


def _walks(
    meta_graph: "meta_graph_pb2.MetaGraphDef", program: Program
) -> dict[str, Walk]:
    """Returns a walk for each kind of root."""
    assets = dict.fromkeys(_assets(meta_graph), Source.ASSET)
    saver = meta_graph.saver_def
    prefix = saver.filename_tensor_name
    signatures = Walk(program, {})
    initializers = Walk(program, assets)
    checkpoint = Walk(program, {prefix: Source.CHECKPOINT})
    for name, signature in meta_graph.signature_def.items():
        outputs = [*_tensors(signature.outputs.values())]
        if name == _INIT_OP:
            initializers.start(outputs, fed=assets)
        else:
            signatures.start(outputs, fed=[*_tensors(signature.inputs.values())])
    initializers.start(_init_operations(meta_graph), fed=assets)
    checkpoint.start([saver.save_tensor_name, saver.restore_op_name], fed=[prefix])
    objects = meta_graph.object_graph_def
    for function in _signature_functions(objects):
        signatures.call(function, _captured(objects, function))
    for function in _initializer_functions(objects):
        initializers.call(function, _captured(objects, function))
    return {
        "its signatures reach": signatures,
        "its initializers reach": initializers,
        "saving or restoring it reaches": checkpoint,
    }


def _refusals(who: str, walk: Walk) -> Iterator[str]:
    for use in walk.uses():
        names = operators.FILE_NAMES.get(use.node.op)
        if names is None:
            reason = operators.refusal(use.node)
        else:
            fits = [
                name.fits(walk, use.body, use.node, position)
                for position, name in names.items()
            ]
            reason = None if all(fits) else "takes a file name that is not the model's"
        if reason:
            yield f"{who} {use.node.op}, which {reason}"
    for function in walk.missing():
        yield f"{who} {function}, which it does not define"


def _constant_refusals(program: Program) -> Iterator[str]:
    """Yields the constants that the file does not hold itself."""
    import tensorflow as tf

    unfolded = 0
    for node in program.nodes():
        for tensor in _constants(node):
            try:
                dtype = tf.dtypes.as_dtype(tensor.dtype)
            except TypeError as error:
                raise MalformedGraphError(f"{node.name!r} has no type") from error
            if dtype.base_dtype in (tf.resource, tf.variant):
                yield f"its constant {node.name!r} is a resource of the process"
            # A tensor of one value stands for as many as its shape says.
            shape = [max(0, dim.size) for dim in tensor.tensor_shape.dim]
            size = math.prod(shape) * dtype.size
            unfolded += max(0, size - tensor.ByteSize())
            if size > LARGEST_CONSTANT:
                yield f"its constant {node.name!r} would take {size:,} bytes"
    if unfolded > LARGEST_UNFOLDED:
        yield f"its constants would take {unfolded:,} bytes more than the file holds"


def _constants(node: "node_def_pb2.NodeDef") -> "Iterator[tensor_pb2.TensorProto]":
    for value in node.attr.values():
        if value.HasField("tensor"):
            yield value.tensor
        yield from value.list.tensor


def _assets(meta_graph: "meta_graph_pb2.MetaGraphDef") -> dict[str, str]:
    """Returns file names in `assets/` by the tensors that they are given as."""
    from tensorflow.core.protobuf import meta_graph_pb2

    found = list(meta_graph.asset_file_def)
    if "saved_model_assets" in meta_graph.collection_def:
        for value in meta_graph.collection_def["saved_model_assets"].any_list.value:
            found.append(meta_graph_pb2.AssetFileDef())
            value.Unpack(found[-1])
    return {each.tensor_info.name: each.filename for each in found}


def _init_operations(meta_graph: "meta_graph_pb2.MetaGraphDef") -> Iterator[str]:
    """Yields what TensorFlow 1 runs at loading."""
    from tensorflow.core.framework import variable_pb2

    for name in _INIT_COLLECTIONS:
        if name in meta_graph.collection_def:
            yield from meta_graph.collection_def[name].node_list.value
    if "local_variables" in meta_graph.collection_def:
        for content in meta_graph.collection_def["local_variables"].bytes_list.value:
            yield variable_pb2.VariableDef.FromString(content).initializer_name


def _tensors(infos: "Iterable[meta_graph_pb2.TensorInfo]") -> Iterator[str]:
    for info in infos:
        yield info.name
        sparse = info.coo_sparse
        yield from (
            sparse.values_tensor_name,
            sparse.indices_tensor_name,
            sparse.dense_shape_tensor_name,
        )
        yield from _tensors(info.composite_tensor.components)


def _signature_functions(
    objects: "saved_object_graph_pb2.SavedObjectGraph",
) -> Iterator[str]:
    for child in objects.nodes[0].children if objects.nodes else ():
        if child.local_name == "signatures":
            yield from _functions_below(objects, child.node_id)


def _initializer_functions(
    objects: "saved_object_graph_pb2.SavedObjectGraph",
) -> Iterator[str]:
    """Yields what makes, fills and restores objects, or could pass for such a method.

    The loader sets children as attributes of Python objects, and calls their methods.
    """
    for node in objects.nodes:
        harmless = _HARMLESS.get(node.WhichOneof("kind") or "", "")
        for child in [*node.children, *node.dependencies]:
            if not re.fullmatch(harmless, child.local_name):
                yield from _functions_below(objects, child.node_id)
        for saveable in node.saveable_objects.values():
            for number in (saveable.save_function, saveable.restore_function):
                yield from _functions_below(objects, number)


def _functions_below(
    objects: "saved_object_graph_pb2.SavedObjectGraph", number: int
) -> Iterator[str]:
    pending, seen = [number], set()
    while pending:
        number = pending.pop()
        if number not in seen:
            seen.add(number)
            node = _object(objects, number)
            pending += [child.node_id for child in node.children]
            yield from _concrete_functions(node)


def _concrete_functions(
    node: "saved_object_graph_pb2.SavedObject",
) -> Iterator[str]:
    yield from node.function.concrete_functions
    if node.HasField("bare_concrete_function"):
        yield node.bare_concrete_function.concrete_function_name


def _captured(
    objects: "saved_object_graph_pb2.SavedObjectGraph", function: str
) -> list[Source]:
    """Returns the sources of a function's last arguments, which it has captured."""
    if function not in objects.concrete_functions:
        return []
    return [
        Source.ASSET if _object(objects, number).HasField("asset") else Source.OTHER
        for number in objects.concrete_functions[function].bound_inputs
    ]


def _object(
    objects: "saved_object_graph_pb2.SavedObjectGraph", number: int
) -> "saved_object_graph_pb2.SavedObject":
    if not 0 <= number < len(objects.nodes):
        raise MalformedGraphError(f"it has no object {number}")
    return objects.nodes[number]
