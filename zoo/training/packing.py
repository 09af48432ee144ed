"""Python values as JSON and arrays, of which a checkpoint consists."""

from typing import Any

import keras
import numpy as np

# Kinds of dtypes that .npz files hold without pickling.
_KINDS = "biufcUSmM"
_CONTAINERS: dict[str, type] = {"tuple": tuple, "set": set}


def pack(value: Any, arrays: list[np.ndarray]) -> Any:
    """Returns what JSON holds of a value, and appends its arrays to a list.

    Args:
        value: Numbers, strings, `None`, arrays, tensors, and lists, tuples, sets and
            dictionaries of them.
        arrays: Takes the arrays, and the numbers of numpy.

    Raises:
        TypeError: If there is something else in it; the message says where and what.

    Example:

    >>> arrays = []
    >>> packed = pack({"best": np.float32(0.5), 3: (1, None)}, arrays)
    >>> unpack(packed, arrays)
    {'best': np.float32(0.5), 3: (1, None)}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if keras.ops.is_tensor(value) or isinstance(value, keras.Variable):
        value = keras.ops.convert_to_numpy(value)
    if isinstance(value, np.ndarray | np.generic):
        held = storable(value)
        if held.dtype.kind not in _KINDS:
            raise TypeError(f"an array of {held.dtype}")
        arrays.append(np.asarray(held))
        kind = "array" if isinstance(value, np.ndarray) else "number"
        packed = {kind: len(arrays) - 1}
        is_same = held.dtype == value.dtype
        return packed if is_same else {"cast": [packed, value.dtype.name]}
    if isinstance(value, list):
        return [_pack_at(f"[{i}]", each, arrays) for i, each in enumerate(value)]
    if isinstance(value, dict):
        return {
            "dict": [
                [pack(key, arrays), _pack_at(f"[{key!r}]", each, arrays)]
                for key, each in value.items()
            ]
        }
    for name, kind in _CONTAINERS.items():
        if isinstance(value, kind):
            return {name: [pack(each, arrays) for each in value]}
    raise TypeError(f"a {type(value).__name__}")


def _pack_at(place: str, value: Any, arrays: list[np.ndarray]) -> Any:
    try:
        return pack(value, arrays)
    except TypeError as error:
        raise TypeError(f"{error} at {place}") from None


def storable(array: Any) -> Any:
    """Returns an array or number, in single precision where no file holds its type.

    Files of numpy do not know `bfloat16` and numbers of 8 bits, all of which single
    precision holds exactly.
    """
    is_short = array.dtype.kind == "V" and not issubclass(array.dtype.type, np.void)
    return array.astype("float32") if is_short else array


def unpack(packed: Any, arrays: list[np.ndarray]) -> Any:
    """Returns the value that `pack` was given."""
    if isinstance(packed, list):
        return [unpack(each, arrays) for each in packed]
    if not isinstance(packed, dict):
        return packed
    ((kind, held),) = packed.items()
    if kind == "array":
        return arrays[held]
    if kind == "number":
        return arrays[held][()]
    if kind == "cast":
        return unpack(held[0], arrays).astype(held[1])
    if kind == "dict":
        return {unpack(key, arrays): unpack(each, arrays) for key, each in held}
    return _CONTAINERS[kind](unpack(each, arrays) for each in held)
