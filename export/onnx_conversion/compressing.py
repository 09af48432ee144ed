"""Smaller forms of an ONNX file: weights of 8 bits, or of half precision."""

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnxruntime import quantization
from onnxruntime.transformers.float16 import convert_float_to_float16

from export.errors import ExportError
from export.formats.base import Batch, Compression
from export.onnx_conversion.hashing import state_weights

# ONNX Runtime has no kernels in half precision for these on a CPU.
_SINGLE = ("LSTM", "GRU", "RNN", "Loop", "If", "Scan", "TopK", "LabelEncoder")


def compress(path: Path, compression: Compression) -> None:
    """Replaces a file by its smaller form.

    Args:
        path: Of the file.
        compression: The form. `int8` stores weights in 8 bits and scales activations
            when they come (dynamic), or by ranges measured before (static).

    Raises:
        ExportError: If ONNX Runtime cannot make it.
    """
    try:
        if compression.kind == "float16":
            _to_half(path)
        elif compression.calibration:
            _to_int8(path, compression.calibration)
        else:
            quantization.quantize_dynamic(
                path, path, weight_type=quantization.QuantType.QInt8
            )
        model = onnx.load(path)
        onnx.checker.check_model(model)
        state_weights(model)
        onnx.save(model, path)
    except Exception as error:  # its tools raise of every kind
        reason = str(error).strip().partition("\n")[0][:200]
        raise ExportError(
            f"ONNX Runtime cannot make the {compression.kind} form ({reason}); export "
            "without it."
        ) from error


def _to_half(path: Path) -> None:
    model = convert_float_to_float16(
        onnx.load(path), keep_io_types=True, op_block_list=list(_SINGLE)
    )
    _sort(model.graph)
    onnx.save(model, path)


def _sort(graph: onnx.GraphProto) -> None:
    """Puts each node behind those whose outputs it takes, as ONNX wants it."""
    known = {each.name for each in (*graph.input, *graph.initializer)} | {""}
    waiting, ordered = list(graph.node), []
    while waiting:
        ready = [node for node in waiting if known.issuperset(node.input)]
        if not ready:
            raise ValueError("the graph has a cycle")
        ordered += ready
        known.update(name for node in ready for name in node.output)
        waiting = [node for node in waiting if not known.issuperset(node.output)]
    del graph.node[:]
    graph.node.extend(ordered)


def _to_int8(path: Path, batches: list[Batch]) -> None:
    prepared = path.with_suffix(".prepared.onnx")
    quantization.quant_pre_process(path, prepared, skip_symbolic_shape=True)
    try:
        quantization.quantize_static(
            prepared,
            path,
            _Batches(batches),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            weight_type=quantization.QuantType.QInt8,
        )
    finally:
        prepared.unlink()


class _Batches(quantization.CalibrationDataReader):
    """Hands out batches of calibration data."""

    def __init__(self, batches: list[Batch]) -> None:
        self._left: Iterator[Batch] = iter(batches)

    def get_next(self) -> Batch | None:
        """Returns the next batch; None after the last."""
        return next(self._left, None)
