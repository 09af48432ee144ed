"""ONNX: what ONNX Runtime, and servers built on it, load."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Compression, Format, read_protobuf

if TYPE_CHECKING:
    import onnx

    from export.text_signature import AnySignature

OPSET = 18
OPSETS = range(13, 19)


@register_format
class Onnx(Format):
    """`model.onnx`; open axes are called `batch`, `time`, `height` and `width`.

    Args:
        opset: Version of the operators, 13 to 18.
    """

    name = "onnx"
    artifact = "model.onnx"
    packages = ("tf2onnx", "onnx")

    def __init__(self, opset: int = OPSET) -> None:
        if opset not in OPSETS:
            raise ExportError(
                f"`opset` must be {OPSETS[0]} to {OPSETS[-1]}. Received: {opset}"
            )
        self.opset = opset

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; `metadata` becomes the model's `metadata_props`."""
        import onnx

        from export.onnx_conversion.finishing import finished

        (signature,) = signatures.values()
        model = finished(signature, self.opset, metadata)
        onnx.save(model, folder / self.artifact)

    def compress(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        compression: Compression,
    ) -> None:
        """See `Format.compress`."""
        from export.onnx_conversion import compressing

        compressing.compress(folder / self.artifact, compression)

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        import onnxruntime

        session = onnxruntime.InferenceSession(
            folder / self.artifact, providers=["CPUExecutionProvider"]
        )
        input_names = {each.name for each in session.get_inputs()}
        output_names = [each.name for each in session.get_outputs()]
        for name, inputs in requests:
            if inputs.keys() != input_names:
                raise self.missing_signature(name, inputs)
            outputs = session.run(output_names, inputs)
            yield dict(zip(output_names, outputs, strict=True))

    def describe(self, folder: Path) -> dict[str, Any]:
        """See `Format.describe`; `onnx/<signature>/model.onnx` is a signature, too."""
        model = read_onnx(folder / self.artifact)
        signatures = describe_signatures(model)
        for path in sorted(folder.glob(f"onnx/*/{self.artifact}")):
            (only,) = describe_signatures(read_onnx(path)).values()
            signatures[path.parent.name] = only
        metadata = {each.key: each.value for each in model.metadata_props}
        return {"signatures": signatures, "metadata": metadata}


def describe_signatures(model: "onnx.ModelProto") -> dict[str, Any]:
    """Returns inputs and outputs of the graph, as those of `serving_default`."""
    constants = {each.name for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    return {
        "serving_default": {
            "inputs": {each.name: _describe(each) for each in inputs},
            "outputs": {each.name: _describe(each) for each in model.graph.output},
        }
    }


def read_onnx(path: Path) -> "onnx.ModelProto":
    """Reads an ONNX file, but none of the files that it names.

    Raises:
        ExportError: If it cannot be read, or is no model.
    """
    import onnx

    model = read_protobuf(path, onnx.ModelProto)
    if not model.HasField("graph"):
        raise ExportError(f"{path} is damaged: it has no graph; export again.")
    return model


def _describe(tensor: "onnx.ValueInfoProto") -> dict[str, Any]:
    import onnx

    kind = tensor.type.tensor_type
    shape = None
    if kind.HasField("shape"):
        shape = [
            size.dim_value if size.HasField("dim_value") else None
            for size in kind.shape.dim
        ]
    if kind.elem_type == onnx.TensorProto.STRING:
        return {"dtype": "string", "shape": shape}
    try:
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name
    except KeyError:  # a sequence or a map, or a type of a newer ONNX
        dtype = "unknown"
    return {"dtype": dtype, "shape": shape}
