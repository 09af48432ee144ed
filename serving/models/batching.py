"""Runs several calls of a signature as one batch."""

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from serving.engines.base import Engine
from serving.errors import ServingError, StatusError
from serving.options import ServerOptions
from serving.protocol.signature_def import SignatureDef, TensorInfo

Batch = Mapping[str, np.ndarray]
_EXECUTED = "max_execution_batch_size"
_RELATIVE, _ABSOLUTE = 1e-5, 1e-6  # rounding of sums that a larger batch adds otherwise


@dataclasses.dataclass(frozen=True)
class BatchingParameters:
    """TensorFlow Serving's `BatchingParameters`.

    Args:
        max_batch_size: Rows of a batch, and of a call.
        batch_timeout_micros: Microseconds that a call waits for others.
        max_enqueued_batches: Full batches that may wait; more calls are refused.
        num_batch_threads: Threads of a model.
        allowed_batch_sizes: Sizes that batches are padded to; any without them.
        pad_variable_length_inputs: Whether inputs of different sizes are padded to the
            largest and merged.
        max_execution_batch_size: Rows that are computed at a time: a larger call is
            computed in parts. Without it as many as `max_batch_size`.

    Example:

    >>> BatchingParameters(allowed_batch_sizes=(2, 8), max_batch_size=8).padded_size(3)
    8
    """

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 0
    allowed_batch_sizes: tuple[int, ...] = ()
    pad_variable_length_inputs: bool = False
    max_execution_batch_size: int | None = None

    @property
    def computed_rows(self) -> int:
        """How many rows are computed at a time."""
        return self.max_execution_batch_size or self.max_batch_size

    def padded_size(self, rows: int) -> int:
        """Returns the allowed size that a batch of this many rows is padded to."""
        fitting = [size for size in self.allowed_batch_sizes if size >= rows]
        return fitting[0] if fitting else rows


def read_batching_parameters(options: ServerOptions) -> BatchingParameters | None:
    """Returns what the options say of batching, None where it is not switched on.

    Raises:
        ServingError: For a file that cannot be read, or parameters that contradict.
    """
    if not options.enable_batching:
        return None
    path = options.batching_parameters_file
    return BatchingParameters() if path is None else _read(path)


def _read(path: Path) -> BatchingParameters:
    from serving.protocol.messages import parse_text

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ServingError(f"Cannot read {path}: {error.strerror}.") from None
    proto: Any = parse_text("tensorflow.serving.BatchingParameters", data, path)
    given = {
        name: getattr(proto, name).value
        for name in (
            *("max_batch_size", "batch_timeout_micros"),
            *("max_enqueued_batches", "num_batch_threads", _EXECUTED),
        )
        if proto.HasField(name)
    }
    for name, value in given.items():
        if value < (0 if name == "batch_timeout_micros" else 1):
            raise ServingError(f"{path}: {name} must be positive. Received: {value}")
    if not proto.enable_large_batch_splitting.value:
        given.pop(_EXECUTED, None)
    allowed = tuple(proto.allowed_batch_sizes)
    parameters = BatchingParameters(
        **given,
        allowed_batch_sizes=allowed,
        pad_variable_length_inputs=proto.pad_variable_length_inputs,
    )
    if list(allowed) != sorted(set(allowed)) or min(allowed, default=1) < 1:
        raise ServingError(
            f"{path}: allowed_batch_sizes must be positive and increase. "
            f"Received: {list(allowed)}"
        )
    if parameters.computed_rows > parameters.max_batch_size:
        raise ServingError(
            f"{path}: {_EXECUTED} must not be above max_batch_size, "
            f"{parameters.max_batch_size}. Received: {parameters.computed_rows}"
        )
    if allowed and allowed[-1] != parameters.computed_rows:
        largest = _EXECUTED if _EXECUTED in given else "max_batch_size"
        raise ServingError(
            f"{path}: the last of allowed_batch_sizes must be {largest}, "
            f"{parameters.computed_rows}. Received: {allowed[-1]}"
        )
    return parameters


def batch_key(inputs: Batch, pad: bool = False) -> Hashable | None:
    """Returns what calls have in common that can be merged; None for one that cannot.

    Example:

    >>> batch_key({"x": np.zeros((2, 3))}) == batch_key({"x": np.zeros((1, 3))})
    True
    >>> batch_key({"x": np.zeros(())})
    """
    key = []
    rows = None
    for name, array in inputs.items():
        shape = array.shape
        if not shape or shape[0] != (rows := rows or shape[0]):
            return None
        key.append((name, array.dtype.str, len(shape) if pad else shape[1:]))
    return tuple(key) if rows else None


def cut(inputs: Batch, rows: int) -> list[dict[str, np.ndarray]]:
    """Cuts inputs along the leading axis into parts of so many rows, or fewer.

    Example:

    >>> [len(part["x"]) for part in cut({"x": np.zeros((5, 2))}, 2)]
    [2, 2, 1]
    """
    return [
        {name: array[start : start + rows] for name, array in inputs.items()}
        for start in range(0, count_rows(inputs), rows)
    ]


def join(parts: Sequence[Batch]) -> dict[str, np.ndarray]:
    """Joins the outputs of parts along the leading axis."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def count_rows(inputs: Batch) -> int:
    """Returns the size of the leading axis."""
    return len(next(iter(inputs.values())))


def merge(calls: Sequence[Batch], rows: int) -> dict[str, np.ndarray]:
    """Joins inputs along the leading axis, filled up to `rows` with the first row."""
    merged = {}
    for name in calls[0]:
        parts = [call[name] for call in calls]
        if len({part.shape[1:] for part in parts}) > 1:
            parts = _pad_to_largest(parts)
        missing = rows - sum(map(len, parts))
        if missing > 0:
            parts.append(np.repeat(parts[0][:1], missing, axis=0))
        merged[name] = np.concatenate(parts)
    return merged


def split(
    outputs: Batch, sizes: Sequence[int], rows: int
) -> list[dict[str, np.ndarray]] | None:
    """Cuts the outputs of a batch of `rows` into those of its calls.

    Returns None where an output has not as many rows as the batch.
    """
    if any(array.ndim == 0 or len(array) != rows for array in outputs.values()):
        return None
    ends = np.cumsum(sizes).tolist()
    return [
        {name: array[end - size : end] for name, array in outputs.items()}
        for size, end in zip(sizes, ends, strict=True)
    ]


def has_independent_rows(
    engine: Engine, signature: SignatureDef, sample: Batch
) -> bool:
    """Whether rows of a batch get the answers that they get alone.

    Four different rows, made from a sample, are run together and one by one. Equal
    means but for rounding, to which a batch adds sums in another order.
    """
    infos = [*signature.inputs.values(), *signature.outputs.values()]
    if engine.traits(signature.name).has_side_effects or not sample:
        return False
    if not all(_has_open_rows(info) for info in infos) or batch_key(sample) is None:
        return False
    if any(array.dtype.hasobject for array in sample.values()):
        return False
    batch = {name: _different_rows(array) for name, array in sample.items()}
    try:
        together = engine.predict(signature.name, batch)
        for i in range(count_rows(batch)):
            row = {name: array[i : i + 1] for name, array in batch.items()}
            alone = engine.predict(signature.name, row)
            if not all(_equal(together[k][i : i + 1], alone[k]) for k in alone):
                return False
    except StatusError:  # it does not take such values: nothing is proven
        return False
    return True


def _has_open_rows(info: TensorInfo) -> bool:
    return bool(info.shape) and info.shape[0] is None


def _different_rows(array: np.ndarray) -> np.ndarray:
    """Returns the first row, the last, zeros, and a mixture of other values."""
    first, zeros = array[:1], np.zeros_like(array[:1])
    # Multiples of an irrational number spread evenly modulo 1; to import `numpy.random`
    # would take longer than the check does.
    places = np.arange(1, first.size + 1).reshape(first.shape)
    keep = places * np.sqrt(3) % 1 < 0.5
    other = places * np.sqrt(2) % 1 if first.dtype.kind == "f" else first == 0
    mixture = np.where(keep, first, other.astype(first.dtype))
    return np.concatenate([first, array[-1:], zeros, mixture])


def _equal(got: np.ndarray, want: np.ndarray) -> bool:
    if got.shape != want.shape or got.dtype != want.dtype:
        return False
    if want.dtype.kind != "f":
        return np.array_equal(got, want)
    return np.allclose(got, want, _RELATIVE, _ABSOLUTE, equal_nan=True)


def _pad_to_largest(parts: list[np.ndarray]) -> list[np.ndarray]:
    """Pads each part with its first value, as TensorFlow Serving does."""
    largest = np.max([part.shape[1:] for part in parts], axis=0).tolist()
    padded = []
    for part in parts:
        filled = np.full((len(part), *largest), part.flat[0], part.dtype)
        filled[tuple(map(slice, part.shape))] = part
        padded.append(filled)
    return padded
