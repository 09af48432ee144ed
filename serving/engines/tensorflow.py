"""Runs any SavedModel with TensorFlow."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.engines import register_engine
from serving.engines.base import Engine, Traits
from serving.errors import Code, ServingError, StatusError
from serving.options import ServerOptions
from serving.protocol.signature_def import LARGEST_SAMPLE, SignatureDef, TensorInfo

if TYPE_CHECKING:
    from tensorflow.core.protobuf import meta_graph_pb2

_TAGS = ["serve"]  # of the graph that TensorFlow Serving loads
_INTERNAL = "__saved_model_"  # begins the names of what runs at loading and in training
_JOINT_CALLS = 64  # combinations of signatures that are kept ready
_IN_CALLER = -1  # the pool of a call whose operators run in the thread that makes it
# What stands around the cause in an error of a graph.
_NODE = re.compile(r"\s*\[\[\{\{(function_)?node .*", re.DOTALL)
_TRACE = re.compile(r".*<stack traces unavailable>\s*", re.DOTALL)


@register_engine
class TensorFlowEngine(Engine):
    """All signatures of the `serve` graph of a SavedModel, of TensorFlow 1 or 2.

    The graph is loaded into a session, as TensorFlow Serving does, and each signature
    is a callable of that session.
    """

    name = "tensorflow"
    artifact = "saved_model.pb"
    library = "tensorflow"
    priority = 20

    def __init__(self, version_path: Path, options: ServerOptions) -> None:
        import tensorflow as tf

        _check_tags(version_path / self.artifact)
        v1 = tf.compat.v1
        self._session = v1.Session(graph=tf.Graph(), config=_config(options))
        with self._session.graph.as_default():
            meta_graph = v1.saved_model.loader.load(
                self._session, _TAGS, str(version_path)
            )
        self.signatures = {
            name: SignatureDef(
                name,
                _tensor_infos(definition.inputs),
                _tensor_infos(definition.outputs),
                definition.method_name,
                _defaults(definition),
            )
            for name, definition in sorted(meta_graph.signature_def.items())
            if not name.startswith(_INTERNAL)
        }
        if not self.signatures:
            raise ServingError(
                f"{version_path} has no signatures. Save it with "
                "tf.saved_model.save(model, path, signatures=...)."
            )
        self._pool = 0 if options.tensorflow_inter_op_parallelism else _IN_CALLER
        self._calls = {
            name: self._callable(signature)
            for name, signature in self.signatures.items()
            if not signature.sparse
        }
        self._joint_calls: dict[tuple[str, ...], Any] = {}
        self._traits = _all_traits(meta_graph, self.signatures)

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        signature = self.signatures[signature_name]
        _check_dense(signature)
        outputs = _run(self._calls[signature_name], signature, inputs)
        return dict(zip(signature.outputs, outputs, strict=True))

    def predict_jointly(
        self, signature_names: Collection[str], inputs: Mapping[str, np.ndarray]
    ) -> dict[str, dict[str, np.ndarray]]:
        """See `Engine.predict_jointly`; one run if the tensors are the same, too."""
        signatures = [self.signatures[name] for name in sorted(signature_names)]
        first = signatures[0]
        if any(_tensors(each.inputs) != _tensors(first.inputs) for each in signatures):
            return super().predict_jointly(signature_names, inputs)
        for signature in signatures:
            _check_dense(signature)
        key = tuple(signature.name for signature in signatures)
        call = self._joint_calls.get(key)
        if call is None:
            if len(self._joint_calls) >= _JOINT_CALLS:
                self._joint_calls.clear()
            call = self._joint_calls[key] = self._callable(*signatures)
        outputs = iter(_run(call, first, inputs))
        return {
            signature.name: {name: next(outputs) for name in signature.outputs}
            for signature in signatures
        }

    def traits(self, signature_name: str) -> Traits:
        """See `Engine.traits`."""
        return self._traits[signature_name]

    def close(self) -> None:
        """See `Engine.close`."""
        self._calls.clear()
        self._joint_calls.clear()
        self._session.close()

    def _callable(self, *signatures: SignatureDef) -> Any:
        """Returns what takes the inputs of the first one, and fetches all outputs."""
        from tensorflow.core.protobuf import config_pb2

        options = config_pb2.CallableOptions(
            feed=_tensors(signatures[0].inputs).values(),
            fetch=[
                tensor_name
                for signature in signatures
                for tensor_name in _tensors(signature.outputs).values()
            ],
        )
        options.run_options.inter_op_thread_pool = self._pool
        # `Session.make_callable` would look at each value again: twice as slow.
        return self._session._make_callable_from_options(options)


def _run(
    call: Any, signature: SignatureDef, inputs: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """Returns what a callable fetches; it takes the inputs of the signature."""
    import tensorflow as tf

    try:
        outputs = call(*[inputs[name] for name in signature.inputs])
    except tf.errors.OpError as error:
        message = _odd_sizes(inputs) + _root_cause(error.message)
        raise StatusError(Code(error.error_code), message) from error
    # A string of rank 0 comes as bytes, all else as an array.
    return [np.array(out, object) if type(out) is bytes else out for out in outputs]


def _odd_sizes(inputs: Mapping[str, np.ndarray]) -> str:
    """Returns what is odd about the sizes of inputs, to be said before an error.

    TensorFlow's convolutions give an empty batch a wrong shape, at which another
    operator fails; and so does one that joins inputs of different numbers of rows.
    """
    for name, array in inputs.items():
        if 0 in array.shape:
            return f"Input '{name}' has size 0 at axis {array.shape.index(0)}: "
    rows = {name: len(array) for name, array in inputs.items() if array.ndim}
    if len(set(rows.values())) > 1:
        counts = ", ".join(f"{count} of '{name}'" for name, count in rows.items())
        return f"Inputs have different numbers of rows, {counts}: "
    return ""


def _tensors(infos: Mapping[str, TensorInfo]) -> dict[str, str]:
    return {name: info.tensor_name for name, info in infos.items()}


def _check_dense(signature: SignatureDef) -> None:
    if signature.sparse:
        raise StatusError(
            Code.UNIMPLEMENTED,
            f"Signature '{signature.name}' has sparse tensors, which a request "
            f"cannot carry: {', '.join(signature.sparse)}",
        )


def _config(options: ServerOptions) -> Any:
    """Returns the configuration of a session; 0 threads leave it to TensorFlow."""
    import tensorflow as tf

    both = options.tensorflow_session_parallelism
    return tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=both or options.tensorflow_intra_op_parallelism,
        inter_op_parallelism_threads=both or options.tensorflow_inter_op_parallelism,
        allow_soft_placement=True,
    )


def _check_tags(path: Path) -> None:
    from tensorflow.core.protobuf import saved_model_pb2

    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString(path.read_bytes())
    tags = [sorted(each.meta_info_def.tags) for each in saved_model.meta_graphs]
    if _TAGS not in tags:
        raise ServingError(
            f"{path} has no graph with the tag 'serve'. Export it again."
        )


def _tensor_infos(
    infos: "Mapping[str, meta_graph_pb2.TensorInfo]",
) -> dict[str, TensorInfo]:
    from tensorflow.core.framework import types_pb2

    return {
        name: TensorInfo(
            name,
            types_pb2.DataType.Name(info.dtype),
            _shape(info),
            info.name,
            _coo_sparse(info),
        )
        for name, info in sorted(infos.items())
    }


def _shape(info: "meta_graph_pb2.TensorInfo") -> tuple[int | None, ...] | None:
    if info.tensor_shape.unknown_rank:
        return None
    return tuple(None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim)


def _defaults(definition: "meta_graph_pb2.SignatureDef") -> dict[str, np.ndarray]:
    if not definition.defaults:
        return {}
    # TensorFlow's own function would allocate whatever a shape declares.
    from serving.protocol.tensor_proto import decode_tensor_proto

    return {
        name: decode_tensor_proto(name, proto, LARGEST_SAMPLE)
        for name, proto in definition.defaults.items()
    }


def _coo_sparse(info: "meta_graph_pb2.TensorInfo") -> tuple[str, str, str] | None:
    if not info.HasField("coo_sparse"):
        return None
    names = info.coo_sparse
    return (
        names.values_tensor_name,
        names.indices_tensor_name,
        names.dense_shape_tensor_name,
    )


def _all_traits(
    meta_graph: "meta_graph_pb2.MetaGraphDef", signatures: Mapping[str, SignatureDef]
) -> dict[str, Traits]:
    from serving.engines.tensorflow_graph import find_operators, traits_of

    return {
        name: traits_of(
            find_operators(
                meta_graph.graph_def,
                [info.tensor_name for info in signature.outputs.values()],
            )
        )
        for name, signature in signatures.items()
    }


def _root_cause(message: str) -> str:
    """Returns in one line what an error of TensorFlow says is wrong.

    Example:

    >>> _root_cause("Graph execution error:\\n\\nDetected at node R defined at "
    ...             "(most recent call last):\\n<stack traces unavailable>\\n"
    ...             "Cannot reshape\\n\\t [[{{node R}}]] [Op:__inference_1]")
    'Cannot reshape'
    """
    return " ".join(_TRACE.sub("", _NODE.sub("", message)).split())
