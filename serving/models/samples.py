"""A sample of each signature, which the artifact carries."""

import zipfile
from pathlib import Path

import numpy as np

from zoo.array_file import DAMAGES, check_arrays

FILE = Path("assets.extra", "parity.npz")  # of `export.parity`: SIGNATURE/0/input/NAME
MAX_BYTES = 2**22  # of one tensor
_LENGTHS = "/lengths"

Samples = dict[str, dict[str, np.ndarray]]


def read_samples(version_path: Path) -> Samples:
    """Returns the inputs of one batch by signature and name.

    Args:
        version_path: The folder of a version; one without samples, or with a file that
            is none, has none.
    """
    try:
        check_arrays(version_path / FILE)
        with zipfile.ZipFile(version_path / FILE) as file:
            sizes = {info.filename: info.file_size for info in file.infolist()}
        with np.load(version_path / FILE, allow_pickle=False) as arrays:
            return _read(arrays, sizes)
    except DAMAGES:
        return {}


def _read(arrays: np.lib.npyio.NpzFile, sizes: dict[str, int]) -> Samples:
    found: Samples = {}
    for key in arrays.files:
        signature, _, name = key.partition("/0/input/")
        if not name or name.endswith(_LENGTHS) or sizes[f"{key}.npy"] > MAX_BYTES:
            continue
        array = arrays[key]
        if f"{key}{_LENGTHS}" in arrays.files:
            array = _split(array.tobytes(), arrays[f"{key}{_LENGTHS}"])
        elif array.dtype.kind == "U":
            array = np.char.encode(array, "utf-8").astype(object)
        found.setdefault(signature, {})[name] = array
    return found


def _split(joined: bytes, lengths: np.ndarray) -> np.ndarray:
    ends = np.cumsum(lengths)
    array = np.empty(lengths.size, object)
    array[:] = [
        joined[end - length : end]
        for end, length in zip(ends, lengths.ravel(), strict=True)
    ]
    return array.reshape(lengths.shape)
