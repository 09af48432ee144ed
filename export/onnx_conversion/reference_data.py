"""Inputs and outputs beside `model.onnx`, as in the ONNX model zoo.

`test_data_set_0/input_0.pb`, `output_0.pb` and so on hold a `TensorProto` each, in the
order of the model's inputs and outputs: what the test runner of any runtime reads.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from export.formats.base import Batch


def write_reference_data(path: Path, reference: Sequence[tuple[Batch, Batch]]) -> None:
    """Writes a `test_data_set_<i>` beside a model for each batch.

    Args:
        path: Of the ONNX model.
        reference: Batches of inputs with the outputs to expect, by name.
    """
    graph = onnx.load(path, load_external_data=False).graph
    for i, (inputs, outputs) in enumerate(reference):
        folder = path.parent / f"test_data_set_{i}"
        folder.mkdir()
        _write(
            folder, "input", [(each.name, inputs[each.name]) for each in graph.input]
        )
        _write(
            folder, "output", [(each.name, outputs[each.name]) for each in graph.output]
        )


def _write(folder: Path, kind: str, arrays: list[tuple[str, np.ndarray]]) -> None:
    for i, (name, array) in enumerate(arrays):
        if array.dtype.kind == "U":
            array = array.astype(object)
        tensor = onnx.numpy_helper.from_array(np.asarray(array), name)
        (folder / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())
