"""ONNX: what ONNX Runtime, and servers built on it, load."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import tf2onnx

from export.errors import ExportError
from export.signature import NAME, Signature

OPSET = 18
FILE = "model.onnx"
_AXES = ("batch", "time")


def write(served: Signature, folder: Path, properties: dict[str, str]) -> None:
    """Writes `model.onnx` into `folder`.

    Inputs and outputs have the signature's names, open axes are called `batch`
    and `time`, and `properties` become the model's `metadata_props`.

    Raises:
        ExportError: If the model computes something that ONNX has no operator for.
    """
    model, _ = tf2onnx.convert.from_function(
        served.function(), input_signature=served.inputs, opset=OPSET
    )
    _name_axes([*model.graph.input, *model.graph.output])
    onnx.helper.set_model_props(model, properties)
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as error:
        reason = str(error).strip().splitlines()[0]
        raise ExportError(
            f"ONNX cannot express the model ({reason}); "
            "export it with formats=('saved_model',)."
        ) from error
    onnx.save(model, folder / FILE)


def predict(
    folder: Path, batches: list[dict[str, np.ndarray]]
) -> Iterator[tuple[str, int, dict[str, np.ndarray]]]:
    """Does what `saved_model.predict` does with the one signature of `model.onnx`."""
    session = onnxruntime.InferenceSession(
        folder / FILE, providers=["CPUExecutionProvider"]
    )
    inputs = {one.name for one in session.get_inputs()}
    names = [output.name for output in session.get_outputs()]
    for place, batch in enumerate(batches):
        if batch.keys() == inputs:
            yield NAME, place, dict(zip(names, session.run(names, batch), strict=True))


def _name_axes(tensors: list[onnx.ValueInfoProto]) -> None:
    for tensor in tensors:
        for axis, size in enumerate(tensor.type.tensor_type.shape.dim[: len(_AXES)]):
            if not size.HasField("dim_value"):
                size.dim_param = _AXES[axis]
