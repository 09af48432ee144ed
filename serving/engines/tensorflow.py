"""Runs any SavedModel with TensorFlow."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from serving.engines import register_engine
from serving.engines.base import Engine
from serving.errors import ServingError, invalid_argument
from serving.protocol.signature_def import SignatureDef, TensorInfo

if TYPE_CHECKING:
    from tensorflow.core.protobuf import meta_graph_pb2

_TAGS = ["serve"]  # of the graph that TensorFlow Serving loads
_INTERNAL = "__saved_model_"  # begins the names of what runs at loading and in training


@register_engine
class TensorFlowEngine(Engine):
    """All signatures of the `serve` graph of a SavedModel."""

    name = "tensorflow"
    artifact = "saved_model.pb"
    library = "tensorflow"
    priority = 20

    def __init__(self, version_path: Path) -> None:
        import tensorflow as tf

        declared = _read_signatures(version_path / self.artifact)
        # The functions live as long as the object that owns their variables.
        self._saved_model = tf.saved_model.load(str(version_path), tags=_TAGS)
        self._functions = {
            name: function
            for name, function in self._saved_model.signatures.items()
            if not name.startswith(_INTERNAL)
        }
        self.signatures = {name: declared[name] for name in sorted(self._functions)}
        if not self.signatures:
            raise ServingError(
                f"{version_path} has no signatures. Save it with "
                "tf.saved_model.save(model, path, signatures=...)."
            )

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        import tensorflow as tf

        tensors = {name: tf.constant(array) for name, array in inputs.items()}
        try:
            outputs = self._functions[signature_name](**tensors)
        except (tf.errors.InvalidArgumentError, tf.errors.OutOfRangeError) as error:
            raise invalid_argument(_root_cause(error.message)) from error
        return {name: outputs[name].numpy() for name in sorted(outputs)}

    def close(self) -> None:
        """See `Engine.close`."""
        self._functions.clear()
        self._saved_model = None


def _read_signatures(path: Path) -> dict[str, SignatureDef]:
    """Reads names, types and shapes where TensorFlow Serving reads them.

    The loaded functions know neither tensor names nor the method name.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString(path.read_bytes())
    for meta_graph in saved_model.meta_graphs:
        if list(meta_graph.meta_info_def.tags) == _TAGS:
            return {
                name: SignatureDef(
                    name,
                    _tensor_infos(definition.inputs),
                    _tensor_infos(definition.outputs),
                    definition.method_name,
                )
                for name, definition in meta_graph.signature_def.items()
            }
    raise ServingError(f"{path} has no graph with the tag 'serve'. Export it again.")


def _tensor_infos(
    infos: "Mapping[str, meta_graph_pb2.TensorInfo]",
) -> dict[str, TensorInfo]:
    from tensorflow.core.framework import types_pb2

    return {
        name: TensorInfo(
            name, types_pb2.DataType.Name(info.dtype), _shape(info), info.name
        )
        for name, info in sorted(infos.items())
    }


def _shape(info: "meta_graph_pb2.TensorInfo") -> tuple[int | None, ...] | None:
    if info.tensor_shape.unknown_rank:
        return None
    return tuple(None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim)


def _root_cause(message: str) -> str:
    """Returns the one line of a TensorFlow error that says what is wrong with a value.

    Example:

    >>> _root_cause("Graph execution error:\\n\\nDetected at node R defined at "
    ...             "(most recent call last):\\n<stack traces unavailable>\\n"
    ...             "Cannot reshape\\n\\t [[{{node R}}]] [Op:__inference_1]")
    'Cannot reshape'
    """
    before_node = message.partition("[[{{node")[0].strip()
    return before_node.splitlines()[-1] if before_node else "Invalid argument"
