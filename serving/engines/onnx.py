"""Runs an ONNX model with ONNX Runtime."""

import mmap
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from serving.engines import register_engine
from serving.engines.base import Engine, Traits
from serving.errors import Code, StatusError, invalid_argument
from serving.options import ServerOptions
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
_LOOPS = ("Loop", "Scan")
_RECURRENT = ("GRU", "LSTM", "RNN", "DynamicQuantizeLSTM")
# A node's operator is the field 4 of its protobuf: its tag, its length, its name.
_FIELDS = re.compile(
    b"|".join(
        re.escape(b"\x22" + bytes([len(name)]) + name.encode())
        for name in _LOOPS + _RECURRENT
    )
)
_CODES = {
    "InvalidArgument": Code.INVALID_ARGUMENT,
    "Fail": Code.INVALID_ARGUMENT,
    "RuntimeException": Code.INVALID_ARGUMENT,
    "NotImplemented": Code.UNIMPLEMENTED,
}
_NO_MEMORY = re.compile("allocate memory|bad_alloc|bad allocation")
# What an error of ONNX Runtime says beside its cause.
_NOISE = re.compile(
    r"\[ONNXRuntimeError\] : \d+ : \w+ : "
    r"|Non-zero status code returned while running \w+ node\. Name:'\S*' "
    r"|Status Message: "
    r"|/\S+\.(cc|h):\d+ .*?\)( const)?( \[.*?\])? "
    r"|Please fix either the inputs/outputs or the model\."
)


@register_engine
class OnnxEngine(Engine):
    """`model.onnx` as `serving_default`, and each `onnx/<signature>/model.onnx`."""

    name = "onnx"
    artifact = "model.onnx"
    library = "onnxruntime"
    priority = 10
    is_single_threaded = True

    def __init__(self, version_path: Path, options: ServerOptions) -> None:
        files = {DEFAULT_SIGNATURE_NAME: version_path / self.artifact}
        for path in sorted(version_path.glob(f"onnx/*/{self.artifact}")):
            files[path.parent.name] = path
        self._calls = {name: _Call(name, path) for name, path in files.items()}
        self.signatures = {name: call.definition for name, call in self._calls.items()}

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        return self._calls[signature_name](inputs)

    def traits(self, signature_name: str) -> Traits:
        """See `Engine.traits`."""
        return self._calls[signature_name].traits

    def close(self) -> None:
        """See `Engine.close`."""
        self._calls.clear()


class _Call:
    """One signature: what a call needs is computed once."""

    def __init__(self, name: str, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # A second thread costs a batch of one more than it saves, and an arena keeps
        # what the largest request took.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4  # errors reach the client; they need no log
        # A path rather than bytes, so that weights in files beside it are found.
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        arguments = session.get_inputs()
        self.definition = SignatureDef(
            name, _tensor_infos(arguments), _tensor_infos(session.get_outputs())
        )
        used = _operators_with_loops(path)
        self.traits = Traits(
            has_loops=not used.isdisjoint(_LOOPS), has_side_effects=False
        )
        self._run = session.run
        self._output_names = list(self.definition.outputs)
        self._axes = {each.name: _axis_names(each) for each in arguments}
        self._takes_strings = _has_strings(self.definition.inputs)
        self._gives_strings = _has_strings(self.definition.outputs)
        # ONNX Runtime ends the process where a recurrent operator gets no samples.
        self._takes_empty_batch = not used

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        for name, array in inputs.items():
            if 0 in array.shape:
                self._check_sizes(name, array.shape)
        if len(inputs) > 1:
            self._check_named_axes(inputs)
        if self._takes_strings:
            inputs = {name: _text_from_bytes(name, x) for name, x in inputs.items()}
        try:
            outputs = self._run(self._output_names, inputs)
        except Exception as error:
            _raise_status(error)
        if self._gives_strings:
            outputs = map(_bytes_from_text, outputs)
        return dict(zip(self._output_names, outputs, strict=True))

    def _check_sizes(self, name: str, shape: tuple[int, ...]) -> None:
        first = 1 if self._takes_empty_batch else 0
        if 0 in shape[first:]:
            axis = shape.index(0, first)
            names = self._axes[name]
            known = f" ('{names[axis]}')" if axis < len(names) and names[axis] else ""
            raise invalid_argument(
                f"Input '{name}' has size 0 at axis {axis}{known}; the model takes 1 "
                "and more"
            )

    def _check_named_axes(self, inputs: Mapping[str, np.ndarray]) -> None:
        sizes: dict[str, tuple[str, int]] = {}
        for name, array in inputs.items():
            for axis, size in zip(self._axes[name], array.shape, strict=False):
                if axis is None:
                    continue
                first, expected = sizes.setdefault(axis, (name, size))
                if size != expected:
                    raise invalid_argument(
                        f"Input '{name}' has size {size} at axis '{axis}', input "
                        f"'{first}' has {expected}"
                    )


def _axis_names(argument: "NodeArg") -> tuple[str | None, ...]:
    return tuple(axis if isinstance(axis, str) else None for axis in argument.shape)


def _raise_status(error: Exception) -> NoReturn:
    """Raises what the runtime says as a status, and any other error as it is."""
    text = str(error)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(text):
        raise StatusError(
            Code.RESOURCE_EXHAUSTED, "Not enough memory for inputs of this size"
        ) from error
    code = _CODES.get(type(error).__name__)
    if code is None:
        raise error
    raise StatusError(code, " ".join(_NOISE.sub("", text).split())) from error


def _operators_with_loops(path: Path) -> set[str]:
    """Returns which of them the file has, in functions and subgraphs, too."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return {field[2:].decode() for field in _FIELDS.findall(content)}


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


def _has_strings(infos: Mapping[str, TensorInfo]) -> bool:
    return any(info.dtype == "DT_STRING" for info in infos.values())


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
