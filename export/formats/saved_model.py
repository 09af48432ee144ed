"""TensorFlow SavedModel: what TensorFlow Serving loads."""

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Format, read_protobuf
from zoo.bounds import parse_json, read_bytes

if TYPE_CHECKING:
    from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

    from export.signatures.base import AnySignature

_TAGS = {"serve"}
_INTERNAL = "__saved_model_"  # begins the names of signatures for loading and training
_METHODS = "tensorflow/serving/"  # begins what a signature says of its requests
_METADATA = "metadata"  # the object that names the asset with the model's metadata


@register_format
class SavedModel(Format):
    """`saved_model.pb`, `variables/`, `assets/metadata.json` and a warm-up request."""

    name = "saved_model"
    artifact = "saved_model.pb"
    signature_names = None

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; `metadata` becomes the asset `metadata.json`."""
        import tensorflow as tf

        from export import warmup

        functions = {name: each.concrete for name, each in signatures.items()}
        resources = [r for each in signatures.values() for r in each.resources()]
        distinct = list({id(r): r for r in resources}.values())
        with tempfile.TemporaryDirectory() as scratch, _fit_names(distinct):
            path = Path(scratch, f"{_METADATA}.json")
            path.write_text(json.dumps(dict(metadata), indent=2) + "\n")
            asset = {_METADATA: tf.saved_model.Asset(str(path))}
            # TensorFlow saves what functions read as part of an object that holds it.
            holder = tf.train.Checkpoint(resources=distinct, **asset)
            with _errors_of_the_disk():
                tf.saved_model.save(holder, str(folder), functions)
        _name_methods(folder, {k: each.method for k, each in signatures.items()})
        with _errors_of_the_disk():
            warmup.write(folder, metadata["name"], signatures)

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        import tensorflow as tf

        # The functions live as long as the object that owns their variables.
        loaded = tf.saved_model.load(str(folder))
        for name, inputs in requests:
            function = loaded.signatures.get(name)
            if function is None or _input_names(function) != inputs.keys():
                raise self.missing_signature(name, inputs)
            tensors = {key: tf.constant(array) for key, array in inputs.items()}
            outputs = function(**tensors)
            yield {key: _decode_strings(x.numpy()) for key, x in outputs.items()}

    def describe(self, folder: Path) -> dict[str, Any]:
        """See `Format.describe`."""
        saved_model = read_saved_model(folder)
        path = _metadata_path(served_graphs(saved_model)[0], folder)
        metadata = {} if path is None else _read_metadata(path)
        signatures = describe_signatures(saved_model)
        for meta_graph in served_graphs(saved_model):
            for name in signatures.keys() & meta_graph.signature_def.keys():
                method = meta_graph.signature_def[name].method_name
                signatures[name]["stated"] = {"method": method.removeprefix(_METHODS)}
        return {"signatures": signatures, "metadata": metadata}


def describe_signatures(saved_model: "saved_model_pb2.SavedModel") -> dict[str, Any]:
    """Returns inputs and outputs of each signature of the graph for serving."""
    return {
        name: {
            "inputs": _describe(signature.inputs),
            "outputs": _describe(signature.outputs),
        }
        for meta_graph in served_graphs(saved_model)
        for name, signature in sorted(meta_graph.signature_def.items())
        if not name.startswith(_INTERNAL)
    }


def read_saved_model(folder: Path) -> "saved_model_pb2.SavedModel":
    """Reads `saved_model.pb`, without the variables and without loading a graph.

    Raises:
        ExportError: If it cannot be read, or holds no graph.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    path = folder / SavedModel.artifact
    saved_model = read_protobuf(path, saved_model_pb2.SavedModel)
    if not saved_model.meta_graphs:
        raise ExportError(f"{path} is damaged: it has no graph; export again.")
    return saved_model


def served_graphs(
    saved_model: "saved_model_pb2.SavedModel",
) -> "list[meta_graph_pb2.MetaGraphDef]":
    """Returns those with the tag `serve` alone, which are loaded; without one, all."""
    graphs = list(saved_model.meta_graphs)
    return [g for g in graphs if set(g.meta_info_def.tags) == _TAGS] or graphs


def _describe(infos: "Mapping[str, meta_graph_pb2.TensorInfo]") -> dict[str, Any]:
    return {
        name: {"dtype": _dtype(info.dtype), "shape": _shape(info)}
        for name, info in sorted(infos.items())
    }


def _dtype(number: int) -> str:
    import tensorflow as tf

    try:
        return tf.dtypes.as_dtype(number).name
    except TypeError:  # of an operation without a value, or of a newer TensorFlow
        return "unknown"


def _shape(info: "meta_graph_pb2.TensorInfo") -> list[int | None] | None:
    if info.tensor_shape.unknown_rank:
        return None
    return [None if size.size < 0 else size.size for size in info.tensor_shape.dim]


def _metadata_path(
    meta_graph: "meta_graph_pb2.MetaGraphDef", folder: Path
) -> Path | None:
    objects = meta_graph.object_graph_def.nodes
    names = [each.filename for each in meta_graph.asset_file_def]
    for child in objects[0].children if objects else ():
        if child.local_name == _METADATA and child.node_id < len(objects):
            of_asset = objects[child.node_id]
            index = of_asset.asset.asset_file_def_index
            if of_asset.HasField("asset") and index < len(names):
                return folder / "assets" / names[index]
    return None


def _read_metadata(path: Path) -> dict[str, str]:
    try:
        return dict(parse_json(read_bytes(path)))
    except (OSError, TypeError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error


def _name_methods(folder: Path, methods: Mapping[str, str]) -> None:
    """Writes which request each signature answers; TensorFlow says predict of all.

    The fingerprint is one of `saved_model.pb`, so it is computed again.
    """
    from tensorflow.python.saved_model import fingerprinting_utils

    saved_model = read_saved_model(folder)
    for name, method in methods.items():
        signature = saved_model.meta_graphs[0].signature_def[name]
        signature.method_name = _METHODS + method
    path = folder / SavedModel.artifact
    path.write_bytes(saved_model.SerializeToString(deterministic=True))
    fingerprinting_utils.write_fingerprint(str(folder))


@contextlib.contextmanager
def _errors_of_the_disk() -> Iterator[None]:
    """Raises what TensorFlow says of a disk, such as that it is full, as an OSError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(
            error.error_code, str(error.message).rpartition("; ")[2]
        ) from error


def _fit(name: str) -> str:
    """Returns the name of a variable, `scope/name:0`, with each part fit."""
    from export import naming

    scopes, colon, number = name.partition(":")
    fitted = "/".join(naming.fit(scope) for scope in scopes.split("/"))
    return fitted + colon + number if name else ""


@contextlib.contextmanager
def _fit_names(resources: list[Any]) -> Iterator[None]:
    """Gives variables names that a graph takes while they are saved."""
    unfit = {
        id(each): (each, each._handle_name)
        for each in resources
        if _fit(getattr(each, "_handle_name", "")) != getattr(each, "_handle_name", "")
    }
    for each, name in unfit.values():
        each._handle_name = _fit(name)
    try:
        yield
    finally:
        for each, name in unfit.values():
            each._handle_name = name


def _input_names(function: Any) -> set[str]:
    _, keywords = function.structured_input_signature
    return set(keywords)


def _decode_strings(array: np.ndarray) -> np.ndarray:
    return np.strings.decode(array.astype("S")) if array.dtype == object else array
