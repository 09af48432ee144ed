"""Names of open axes: `batch`, `time`, `height`, `width`.

Axes of two inputs have one name only where their sizes were equal in each run: ONNX
Runtime plans its memory by these names. A second one is called `<input>_time`.
An axis of an output has the name of an input's axis, of the same one first, if their
sizes are equal in each of two runs with different sizes; another has its own name.
"""

from collections.abc import Iterable, Sequence

import onnx

# Of an input, by its rank, from the second axis on.
_NAMES = {2: ("time",), 3: ("time",), 4: ("height", "width")}


def name_axes(
    model: onnx.ModelProto, runs: Sequence[tuple[Sequence, Sequence]]
) -> None:
    """Names the open axes of inputs and outputs.

    Args:
        model: Changed in place.
        runs: Arrays of inputs and outputs, in the order of the model.
    """
    known: list[tuple[int, tuple[int, ...], str]] = []
    for i, tensor in enumerate(model.graph.input):
        for axis, name in _named(tensor):
            sizes = _sizes(runs, 0, i, axis)
            if any(other == name and each != sizes for _, each, other in known):
                name = f"{tensor.name}_{name}"
            known.append((axis, sizes, name))
            _open(tensor)[axis].dim_param = name
    for i, tensor in enumerate(model.graph.output):
        if not tensor.type.tensor_type.HasField("shape"):
            for _ in runs[0][1][i].shape:
                tensor.type.tensor_type.shape.dim.add()
        for axis, size in _open(tensor).items():
            sizes = _sizes(runs, 1, i, axis)
            equal = [
                (other != axis, name) for other, each, name in known if each == sizes
            ]
            _, name = min(
                equal, key=lambda x: x[0], default=(0, f"{tensor.name}_{axis}")
            )
            size.dim_param = name


def _sizes(runs: Sequence, kind: int, index: int, axis: int) -> tuple[int, ...]:
    return tuple(run[kind][index].shape[axis] for run in runs)


def _named(tensor: onnx.ValueInfoProto) -> Iterable[tuple[int, str]]:
    """Yields the open axes of an input with their names."""
    sizes = tensor.type.tensor_type.shape.dim
    names = iter(_NAMES.get(len(sizes), ()))
    for axis in _open(tensor):
        other = next(names, f"{tensor.name}_{axis}") if axis else "batch"
        yield axis, other


def _open(tensor: onnx.ValueInfoProto) -> dict[int, onnx.TensorShapeProto.Dimension]:
    sizes = tensor.type.tensor_type.shape.dim
    return {i: size for i, size in enumerate(sizes) if not size.HasField("dim_value")}
