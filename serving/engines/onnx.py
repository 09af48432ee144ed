"""Runs an ONNX model with ONNX Runtime."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from serving.engines import register_engine
from serving.engines.base import Engine
from serving.errors import invalid_argument
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    SignatureDef,
    TensorInfo,
)

if TYPE_CHECKING:
    from onnxruntime import NodeArg

_DTYPES = {
    "tensor(float)": "DT_FLOAT",
    "tensor(double)": "DT_DOUBLE",
    "tensor(float16)": "DT_HALF",
    "tensor(bfloat16)": "DT_BFLOAT16",
    "tensor(int8)": "DT_INT8",
    "tensor(int16)": "DT_INT16",
    "tensor(int32)": "DT_INT32",
    "tensor(int64)": "DT_INT64",
    "tensor(uint8)": "DT_UINT8",
    "tensor(uint16)": "DT_UINT16",
    "tensor(uint32)": "DT_UINT32",
    "tensor(uint64)": "DT_UINT64",
    "tensor(bool)": "DT_BOOL",
    "tensor(string)": "DT_STRING",
}


@register_engine
class OnnxEngine(Engine):
    """`model.onnx` as `serving_default`, and each `onnx/<signature>/model.onnx`."""

    name = "onnx"
    artifact = "model.onnx"
    library = "onnxruntime"
    priority = 10

    def __init__(self, version_path: Path) -> None:
        import onnxruntime

        files = {DEFAULT_SIGNATURE_NAME: version_path / self.artifact}
        for path in sorted(version_path.glob(f"onnx/*/{self.artifact}")):
            files[path.parent.name] = path
        # A path rather than bytes, so that weights in files beside it are found.
        self._sessions = {
            name: onnxruntime.InferenceSession(
                str(path), providers=onnxruntime.get_available_providers()
            )
            for name, path in files.items()
        }
        self.signatures = {
            name: SignatureDef(
                name,
                _tensor_infos(session.get_inputs()),
                _tensor_infos(session.get_outputs()),
            )
            for name, session in self._sessions.items()
        }

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

        names = list(self.signatures[signature_name].outputs)
        feed = {name: _text_from_bytes(name, array) for name, array in inputs.items()}
        try:
            outputs = self._sessions[signature_name].run(names, feed)
        except InvalidArgument as error:
            raise invalid_argument(str(error)) from error
        return {
            name: _bytes_from_text(array)
            for name, array in zip(names, outputs, strict=True)
        }

    def close(self) -> None:
        """See `Engine.close`."""
        self._sessions.clear()


def _tensor_infos(arguments: "list[NodeArg]") -> dict[str, TensorInfo]:
    return {
        argument.name: TensorInfo(
            argument.name,
            _DTYPES.get(argument.type, "DT_INVALID"),
            # A free axis is a name ("batch") or None.
            tuple(size if isinstance(size, int) else None for size in argument.shape),
            argument.name,
        )
        for argument in sorted(arguments, key=lambda argument: argument.name)
    }


def _text_from_bytes(name: str, array: np.ndarray) -> np.ndarray:
    # ONNX Runtime would take the bytes b"a" for the text "b'a'".
    if array.dtype != np.object_:
        return array
    try:
        return _map_strings(array, bytes.decode)
    except UnicodeDecodeError:
        raise invalid_argument(f"Input '{name}': ONNX strings must be UTF-8") from None


def _bytes_from_text(array: np.ndarray) -> np.ndarray:
    return _map_strings(array, str.encode) if array.dtype == np.object_ else array


def _map_strings(array: np.ndarray, function: Callable) -> np.ndarray:
    mapped = np.empty(array.size, object)
    mapped[:] = [function(text) for text in array.flat]
    return mapped.reshape(array.shape)
