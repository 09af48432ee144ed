"""What an HDF5 file says of its datasets, checked before they are read."""

import math
from collections.abc import Iterator

import h5py
import numpy as np

from zoo import bounds

_MAX_DEPTH = 100  # groups within each other


def check_weights(file: h5py.File, size: int) -> int:
    """Checks what an HDF5 file says of its datasets and attributes.

    Args:
        file: The open file.
        size: Its bytes.

    Returns:
        Bytes of all datasets.

    Raises:
        ValueError: If they unfold to far more, or stand in another file.
        OSError: If it is damaged.
    """
    try:
        return _check(file, size)
    except (KeyError, RuntimeError, TypeError) as error:
        raise ValueError(str(error)) from error


def _check(file: h5py.File, size: int) -> int:
    limit, total = bounds.largest_unpacked(size), 0
    for each in _objects(file):
        for index in range(h5py.h5a.get_num_attrs(each.id)):
            attribute = h5py.h5a.open(each.id, index=index)
            held = _unfolded(attribute.shape, attribute.dtype, size)
            if held > limit:
                raise ValueError(
                    f"an attribute of {each.name!r} would take {held:,} bytes, it has "
                    f"{size:,}"
                )
        if not isinstance(each, h5py.Dataset):
            continue
        if each.external or each.is_virtual:
            raise ValueError(f"{each.name!r} leads to another file")
        # Of a chunk, which may be larger than its dataset, all is unpacked.
        shapes = (each.shape, each.chunks)
        total += max(_unfolded(shape, each.dtype, size) for shape in shapes)
    if total > limit:
        raise ValueError(f"its weights would take {total:,} bytes, it has {size:,}")
    return total


def _unfolded(shape: tuple[int, ...] | None, dtype: np.dtype, size: int) -> int:
    """Bytes of an array; entries of any length may all be the same, the whole file."""
    return math.prod(shape or ()) * (size if dtype.hasobject else dtype.itemsize)


def _objects(file: h5py.File) -> Iterator[h5py.HLObject]:
    """Yields each group and dataset once, however many links lead to it.

    HDF5's own visit goes as deep as its groups, until the stack is full; it keeps a few
    kilobytes for each object that is open, and so there are as many as groups nest.
    """
    return _within(file["/"], set(), 0)


def _within(
    found: h5py.HLObject, seen: set[int], depth: int
) -> Iterator[h5py.HLObject]:
    place = h5py.h5o.get_info(found.id).addr
    if place in seen:
        return
    seen.add(place)
    yield found
    if not isinstance(found, h5py.Group):
        return
    if depth == _MAX_DEPTH:
        raise ValueError(f"its groups nest deeper than {_MAX_DEPTH} levels")
    for name in found:
        if not isinstance(found.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{name!r} leads to another place, or another file")
        yield from _within(found[name], seen, depth + 1)
