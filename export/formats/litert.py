"""LiteRT (TensorFlow Lite): what phones and microcontrollers run."""

import contextlib
import struct
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Compression, Format

if TYPE_CHECKING:
    from export.signatures.base import AnySignature

_NAME = "serving_default"
# What reading a flatbuffer raises whose offsets lead nowhere.
_MALFORMED = (struct.error, AttributeError, IndexError, TypeError, ValueError)


@register_format
class LiteRT(Format):
    """`model.tflite`, of LiteRT's own operators.

    A model whose loops LiteRT cannot run for several samples at once, a recurrent one,
    is stored for one sample; `predict` runs it sample by sample.
    """

    name = "litert"
    artifact = "model.tflite"
    packages = ("ai-edge-litert",)

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`."""
        _library()
        (signature,) = signatures.values()
        (folder / self.artifact).write_bytes(_converted(signature, None))

    def compress(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        compression: Compression,
    ) -> None:
        """See `Format.compress`."""
        (signature,) = signatures.values()
        (folder / self.artifact).write_bytes(_converted(signature, compression))

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        path = folder / self.artifact
        interpreter = _library().Interpreter(model_path=str(path))
        runner = interpreter.get_signature_runner(_NAME)
        details = runner.get_input_details()
        is_for_one = any(d["shape_signature"][0] == 1 for d in details.values())
        for name, inputs in requests:
            if inputs.keys() != details.keys():
                raise self.missing_signature(name, inputs)
            yield _by_sample(runner, inputs) if is_for_one else runner(**inputs)

    def describe(self, folder: Path) -> dict[str, Any]:
        """See `Format.describe`; a LiteRT file has no place for metadata."""
        path = folder / self.artifact
        model, size = read_litert(path)
        with malformed(path):
            return {"signatures": describe_signatures(model, size)}


def litert_schema() -> Any:
    """Returns the classes of the flatbuffer; TensorFlow has the same, but is heavy."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError:
        from tensorflow.lite.python import schema_py_generated
    return schema_py_generated


def read_litert(path: Path) -> tuple[Any, int]:
    """Reads the flatbuffer of a LiteRT file; returns it with its size in bytes.

    Raises:
        ExportError: If it cannot be read, or is none.
    """
    schema = litert_schema()
    with malformed(path):
        content = path.read_bytes()
        if not schema.Model.ModelBufferHasIdentifier(content, 0):
            raise ExportError(f"{path} is damaged: it is no LiteRT file; export again.")
        return schema.Model.GetRootAs(content, 0), len(content)


@contextlib.contextmanager
def malformed(path: Path) -> Iterator[None]:
    """Raises what reading a damaged flatbuffer raises as an ExportError."""
    try:
        yield
    except (OSError, *_MALFORMED) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error


def indices(length: int, limit: int) -> range:
    """Returns the indices of a vector; each takes more than a byte of the file."""
    if length > limit:
        raise ValueError(f"it says that a vector has {length} entries")
    return range(length)


def describe_signatures(model: Any, limit: int) -> dict[str, Any]:
    """Returns inputs and outputs of each signature.

    Args:
        model: A flatbuffer.
        limit: Its size in bytes.
    """
    found = {}
    for i in indices(model.SignatureDefsLength(), limit):
        signature = model.SignatureDefs(i)
        graph = model.Subgraphs(signature.SubgraphIndex())
        inputs = map(signature.Inputs, indices(signature.InputsLength(), limit))
        outputs = map(signature.Outputs, indices(signature.OutputsLength(), limit))
        found[signature.SignatureKey().decode()] = {
            kind: {
                each.Name().decode(): _describe(
                    graph.Tensors(each.TensorIndex()), limit
                )
                for each in tensors
            }
            for kind, tensors in (("inputs", inputs), ("outputs", outputs))
        }
    return found


def _describe(tensor: Any, limit: int) -> dict[str, Any]:
    types = vars(litert_schema().TensorType)
    names = {number: name.lower() for name, number in types.items()}
    is_open = tensor.ShapeSignatureLength() > 0
    read = tensor.ShapeSignature if is_open else tensor.Shape
    sizes = [read(i) for i in indices(tensor.ShapeLength(), limit)]
    return {
        "dtype": names.get(tensor.Type(), "unknown"),
        "shape": [None if size < 0 else size for size in sizes],
    }


def _library() -> Any:
    try:
        from ai_edge_litert import interpreter
    except ImportError as error:
        raise ExportError(
            "The format 'litert' needs the package ai-edge-litert: "
            "pip install 'keras-serving-zoo[litert]'."
        ) from error
    return interpreter


def _by_sample(runner: Any, inputs: Batch) -> Batch:
    import numpy as np

    size = len(next(iter(inputs.values())))
    rows = [
        runner(**{name: array[i : i + 1] for name, array in inputs.items()})
        for i in range(size)
    ]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def _converted(signature: "AnySignature", compression: Compression | None) -> bytes:
    """Converts a signature for any batch size, or else for one sample."""
    from export.signature import Signature

    assert isinstance(signature, Signature)  # `serving_default` is a call
    try:
        return _convert(signature, compression)
    except Exception as error:  # the converter has one kind for all that it lacks
        _check_calibration(compression, error)
    try:
        return _convert(signature.for_one_sample(), compression)
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ExportError(
            f"LiteRT cannot express the model ({reason}); leave 'litert' out of the "
            "formats."
        ) from error


def _check_calibration(compression: Compression | None, error: Exception) -> None:
    """Refuses what LiteRT's converter crashes at: to calibrate a loop."""
    if compression is not None and compression.calibration:
        raise ExportError(
            "LiteRT cannot calibrate a recurrent model; leave --calibration out."
        ) from error


def _convert(signature: "AnySignature", compression: Compression | None) -> bytes:
    import tensorflow as tf

    from export.assertions import assertion_about_inputs

    if assertion := assertion_about_inputs(signature.concrete.graph):
        raise ExportError(f"it has no assertions, and {assertion} refuses some inputs")
    holder = tf.train.Checkpoint(resources=signature.resources())
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(holder, folder, {_NAME: signature.concrete})
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=[_NAME]
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if compression is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if compression.kind == "float16":
                converter.target_spec.supported_types = [tf.float16]
            elif compression.calibration:
                batches = compression.calibration
                converter.representative_dataset = lambda: _samples(batches)
        with warnings.catch_warnings():
            # The converter measures ranges with an interpreter that is to be removed.
            warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated")
            return converter.convert()


def _samples(batches: list[Batch]) -> Iterator[tuple[str, Batch]]:
    for batch in batches:
        for i in range(len(next(iter(batch.values())))):
            yield _NAME, {name: array[i : i + 1] for name, array in batch.items()}
