"""Signatures that return some outputs of one graph are converted together."""

from typing import TYPE_CHECKING

from onnx import ModelProto

from export.onnx_conversion.conversion import convert

if TYPE_CHECKING:
    from export.signatures.base import AnySignature


class Conversions:
    """Converts signatures; the graph that several are parts of, once.

    Args:
        opset: Version of ONNX' operators.
    """

    def __init__(self, opset: int) -> None:
        self._opset = opset
        self._wholes: dict[int, ModelProto] = {}

    def of(self, signature: "AnySignature") -> ModelProto:
        """Returns the model of a signature; it may hold nodes that no output needs.

        Raises:
            ExportError: If ONNX cannot express the model.
        """
        whole = signature.part_of
        if whole is None:
            return convert(signature, self._opset)
        if id(whole) not in self._wholes:
            self._wholes[id(whole)] = convert(whole, self._opset)
        return _with_outputs(
            self._wholes[id(whole)], signature.concrete.structured_outputs
        )


def _with_outputs(whole: ModelProto, names: dict) -> ModelProto:
    model = ModelProto()
    model.CopyFrom(whole)
    kept = [each for each in whole.graph.output if each.name in names]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    return model
