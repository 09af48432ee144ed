"""Inputs and outputs beside `model.onnx`, as in the ONNX model zoo.

`test_data_set_0/input_0.pb`, `output_0.pb` and so on hold a `TensorProto` each, in the
order of the model's inputs and outputs: what the test runner of any runtime reads.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from export.errors import ExportError
from export.formats.base import Batch
from zoo.bounds import read_bytes


def write_reference_data(path: Path, reference: Sequence[tuple[Batch, Batch]]) -> None:
    """Writes a `test_data_set_<i>` beside a model for each batch.

    Args:
        path: Of the ONNX model.
        reference: Batches of inputs with the outputs to expect, by name.
    """
    for file, content in _files(path, reference).items():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)


def check_reference_data(path: Path, reference: Sequence[tuple[Batch, Batch]]) -> None:
    """Checks that what stands beside a model is what `write_reference_data` wrote.

    Raises:
        ExportError: If a file says something else.
    """
    expected = _files(path, reference)
    for file in sorted(path.parent.glob("test_data_set_*/*")):
        if file not in expected or read_bytes(file) != expected[file]:
            raise ExportError(
                f"{file} is not of the reference that the artifact was compared on; "
                "export again."
            )


def _files(path: Path, reference: Sequence[tuple[Batch, Batch]]) -> dict[Path, bytes]:
    graph = onnx.load(path, load_external_data=False).graph
    return {
        path.parent / f"test_data_set_{i}" / f"{kind}_{j}.pb": _tensor(
            each.name, arrays[each.name]
        )
        for i, (inputs, outputs) in enumerate(reference)
        for kind, tensors, arrays in (
            ("input", graph.input, inputs),
            ("output", graph.output, outputs),
        )
        for j, each in enumerate(tensors)
    }


def _tensor(name: str, array: np.ndarray) -> bytes:
    if array.dtype.kind == "U":
        array = array.astype(object)
    return onnx.numpy_helper.from_array(np.asarray(array), name).SerializeToString()
