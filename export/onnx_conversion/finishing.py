"""What a converted model says of itself, and whether it runs."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime

from export.onnx_conversion.axes import name_axes
from export.onnx_conversion.canonical import canonical
from export.onnx_conversion.folding import folded
from export.onnx_conversion.refusals import inexpressible
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
    model = canonical(folded(canonical(converted)))
    runs = _runs(model, signature)
    name_axes(model, runs)
    _check(model)
    properties = {
        **metadata,
        "signature": json.dumps(signature.describe()),
        "weights_sha256": weights_sha256(model),
    }
    onnx.helper.set_model_props(model, dict(sorted(properties.items())))
    return model


def weights_sha256(model: onnx.ModelProto) -> str:
    """Returns the hash of all constants of a model.

    It runs over name, type, shape and bytes (little-endian, in the order of rows; of
    strings, their JSON) of each `initializer` of the graph, in their order.
    """
    digest = hashlib.sha256()
    for each in model.graph.initializer:
        array = onnx.numpy_helper.to_array(each)
        kind = onnx.TensorProto.DataType.Name(each.data_type)
        digest.update(json.dumps([each.name, kind, list(array.shape)]).encode())
        if each.data_type == onnx.TensorProto.STRING:
            strings = [text.decode() for text in each.string_data]
            digest.update(json.dumps(strings).encode())
        else:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


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
