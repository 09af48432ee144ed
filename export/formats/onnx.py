"""ONNX: what ONNX Runtime, and servers built on it, load."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Format

if TYPE_CHECKING:
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
