"""What a converted model says of itself, and whether it runs."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import onnx
import onnxruntime

from export.onnx_conversion.axes import name_axes
from export.onnx_conversion.canonical import canonical
from export.onnx_conversion.folding import folded
from export.onnx_conversion.hashing import WEIGHTS_SHA256, weights_sha256
from export.onnx_conversion.indices import with_checked_indices
from export.onnx_conversion.refusals import inexpressible
from export.onnx_file import SIGNATURE_PROPERTY
from export.samples import BATCH_SIZES
from zoo.errors import reason

if TYPE_CHECKING:
    from export.signatures.base import AnySignature


def finished(
    converted: onnx.ModelProto, signature: "AnySignature", metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Returns the ONNX model of a signature, checked and run once for each batch size.

    Args:
        converted: As the converter wrote it.
        signature: Of a model.
        metadata: Becomes its `metadata_props`, beside the signature and the hash of
            the weights.

    Raises:
        ExportError: If ONNX cannot express the model, or ONNX Runtime not run it.
    """
    model = canonical(with_checked_indices(folded(canonical(converted))))
    runs = _runs(model, signature)
    name_axes(model, runs)
    _check(model)
    properties = {
        **metadata,
        SIGNATURE_PROPERTY: json.dumps(signature.describe()),
        WEIGHTS_SHA256: weights_sha256(model),
    }
    onnx.helper.set_model_props(model, dict(sorted(properties.items())))
    return model


def _check(model: onnx.ModelProto) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise inexpressible(str(error).strip().splitlines()[0]) from error


def _runs(model: onnx.ModelProto, signature: "AnySignature") -> list[tuple]:
    """Returns inputs and outputs of the samples, in the order of the model."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it would log is raised as well
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        samples = [signature.sample(size) for size in BATCH_SIZES]
        return [
            (
                [inputs[each.name] for each in model.graph.input],
                session.run(None, inputs),
            )
            for inputs in samples
        ]
    except Exception as error:  # ONNX Runtime has no class of its own for all of them
        raise inexpressible(f"ONNX Runtime: {reason(error)}") from error
