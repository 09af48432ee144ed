"""ONNX: what ONNX Runtime, and servers built on it, load."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Format, read_protobuf

if TYPE_CHECKING:
    import onnx

    from export.text_signature import AnySignature

OPSET = 18
_AXES = ("batch", "time")


@register_format
class Onnx(Format):
    """`model.onnx`; axes of any size are called `batch` and `time`."""

    name = "onnx"
    artifact = "model.onnx"
    packages = ("tf2onnx", "onnx")

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; `metadata` becomes the model's `metadata_props`."""
        import onnx

        (signature,) = signatures.values()
        model = _convert(signature)
        _name_axes([*model.graph.input, *model.graph.output])
        onnx.helper.set_model_props(model, dict(metadata))
        try:
            onnx.checker.check_model(model, full_check=True)
        except onnx.checker.ValidationError as error:
            reason = str(error).strip().splitlines()[0]
            raise ExportError(
                f"ONNX cannot express the model ({reason}); "
                "export it with formats=('saved_model',)."
            ) from error
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


def _convert(signature: "AnySignature") -> "onnx.ModelProto":
    import tf2onnx
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    concrete = signature.concrete
    # What tf2onnx itself does takes constants that the function captured for inputs.
    frozen = convert_variables_to_constants_v2(
        concrete, lower_control_flow=False, aggressive_inlining=True
    )
    inputs = [tensor.name for tensor in frozen.inputs]
    outputs = [tensor.name for tensor in frozen.outputs]
    names = dict(zip(inputs, (spec.name for spec in signature.inputs), strict=True))
    # TensorFlow sorts the keys of a dictionary.
    names |= dict(zip(outputs, sorted(concrete.structured_outputs), strict=True))
    model, _ = tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(add_shapes=True),
        input_names=inputs,
        output_names=outputs,
        tensors_to_rename=names,
        opset=OPSET,
    )
    return model


def _name_axes(tensors: "list[onnx.ValueInfoProto]") -> None:
    for tensor in tensors:
        for axis, size in enumerate(tensor.type.tensor_type.shape.dim[: len(_AXES)]):
            if not size.HasField("dim_value"):
                size.dim_param = _AXES[axis]
