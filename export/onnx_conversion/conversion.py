"""From a signature to an ONNX model."""

import contextlib
import functools
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from unittest import mock

import onnx
import tensorflow as tf
import tf2onnx
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from export.assertions import assertion_about_inputs
from export.errors import ExportError
from export.onnx_conversion import (
    markers,
    operators,
    recurrence,
    tables,
)
from export.onnx_conversion.determinism import deterministic, renamed
from export.onnx_conversion.refusals import inexpressible
from export.signatures.base import traced_anew
from zoo.errors import reason

if TYPE_CHECKING:
    from export.signatures.base import AnySignature

_COMPILED = "_XlaMustCompile"


def convert(signature: "AnySignature", opset: int) -> onnx.ModelProto:
    """Converts a signature.

    Args:
        signature: Of a model.
        opset: Version of ONNX' operators.

    Raises:
        ExportError: If ONNX cannot express the model.
    """
    graph, inputs, outputs = _frozen(signature)
    _check(graph)
    convert_graph = functools.partial(
        tf2onnx.convert.from_graph_def,
        graph,
        input_names=list(inputs),
        output_names=list(outputs),
        tensors_to_rename=inputs | outputs,
        custom_op_handlers=operators.handlers(),
        custom_rewriter=list(operators.REWRITERS),
        opset=opset,
    )
    with _quietly(), _strictly(), _with_fresh_messages():
        try:
            with deterministic(), _without_copies():
                model, _ = convert_graph()
        except _PassError:  # with copies, tf2onnx goes on without this pass
            with deterministic():
                model, _ = convert_graph()
    return model


def _frozen(
    signature: "AnySignature",
) -> tuple[tf.compat.v1.GraphDef, dict[str, str], dict[str, str]]:
    """Returns a graph whose weights are constants, and the names of its tensors.

    These are the keys of two dictionaries, of inputs and outputs, and the names that
    the signature gives them are the values.
    """
    concrete = traced(signature)
    if assertion := assertion_about_inputs(concrete.graph):
        raise inexpressible(
            f"it has no assertions, and {assertion} refuses some inputs"
        )
    with _quietly(), _without_compilation(concrete.graph):
        # What tf2onnx itself does takes constants that the function captured for
        # inputs.
        frozen = convert_variables_to_constants_v2(
            concrete, lower_control_flow=False, aggressive_inlining=True
        )
    graph, names = renamed(frozen.graph.as_graph_def(add_shapes=True))
    inputs = [f"{names[tensor.op.name]}:0" for tensor in frozen.inputs]
    outputs = [f"{names[x.op.name]}:{x.value_index}" for x in frozen.outputs]
    return (
        graph,
        dict(zip(inputs, (str(spec.name) for spec in signature.inputs), strict=True)),
        # TensorFlow sorts the keys of a dictionary.
        dict(zip(outputs, sorted(concrete.structured_outputs), strict=True)),
    )


def traced(signature: "AnySignature") -> Any:
    """Returns the graph of a signature, traced so that ONNX can say it."""
    with (
        recurrence.as_operators(),
        tables.as_encoders(),
        operators.expressible(),
        traced_anew(),
    ):
        return signature.function().get_concrete_function()


@contextlib.contextmanager
def _without_compilation(graph: Any) -> Iterator[None]:
    """Lets functions that XLA shall compile be inlined: Keras' grouped convolution."""
    as_graph_def = graph.as_graph_def

    def stripped(*arguments: Any, **options: Any) -> Any:
        result = as_graph_def(*arguments, **options)
        functions = result.library.function
        nodes = [*result.node, *(node for each in functions for node in each.node_def)]
        for each in (*functions, *nodes):
            if _COMPILED in each.attr:
                del each.attr[_COMPILED]
        return result

    with mock.patch.object(graph, "as_graph_def", stripped):
        yield


def _check(graph: tf.compat.v1.GraphDef) -> None:
    """Refuses functions of Python other than markers."""
    functions = graph.library.function
    for node in (*graph.node, *(node for each in functions for node in each.node_def)):
        if node.op == markers.NODE and not markers.is_mark(
            node.attr["token"].s.decode()
        ):
            raise inexpressible("it has no operator for a function of Python")


@contextlib.contextmanager
def _strictly() -> Iterator[None]:
    """Makes an error of each operator that tf2onnx would leave in the graph, or log."""
    mapping = tf2onnx.tfonnx.tensorflow_onnx_mapping

    def strict(*arguments: Any, **options: Any) -> tuple[Any, Mapping, list]:
        mapped, unmapped, exceptions = mapping(*arguments, **options)
        if unmapped:
            names = ", ".join(sorted(unmapped))
            raise inexpressible(f"it has no operator for {names} of TensorFlow")
        if exceptions:
            raise exceptions[0]
        return mapped, unmapped, exceptions

    try:
        with mock.patch.object(tf2onnx.tfonnx, "tensorflow_onnx_mapping", strict):
            yield
    except ExportError:
        raise
    except Exception as error:  # whatever tf2onnx raises for what it cannot convert
        raise inexpressible(reason(error)) from error


class _PassError(Exception):
    """A pass of tf2onnx's optimizer fails."""


def _without_copies() -> Any:
    """Keeps tf2onnx from copying all weights before each pass of its optimizer."""
    optimize = tf2onnx.optimizer.optimize_graph

    def in_place(graph: Any, catch_errors: bool, **options: Any) -> Any:
        try:
            return optimize(graph, catch_errors=False, **options)
        except Exception as error:  # whatever a pass stumbles on
            raise _PassError from error

    return mock.patch.object(tf2onnx.optimizer, "optimize_graph", in_place)


def _with_fresh_messages() -> Any:
    """Frees the weights that a node held before tf2onnx writes it anew.

    It does so after each pass, and what is deleted from a message of protobuf keeps its
    memory as long as the message lives.
    """
    update = tf2onnx.graph.Node.update_proto

    def fresh(node: Any, *arguments: Any, **options: Any) -> None:
        old = node.op
        node._op = onnx.NodeProto(
            name=old.name,
            op_type=old.op_type,
            domain=old.domain,
            doc_string=old.doc_string,
        )
        update(node, *arguments, **options)

    return mock.patch.object(tf2onnx.graph.Node, "update_proto", fresh)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keeps what converters log from the user: what they mean becomes an error."""
    logs = [logging.getLogger(name) for name in ("tensorflow", "tf2onnx")]
    levels = [each.level for each in logs]
    for each in logs:
        each.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for each, level in zip(logs, levels, strict=True):
            each.setLevel(level)
