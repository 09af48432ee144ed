"""Arrays in an `.npz` file."""

import zipfile
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.errors import DatasetError

_KEYS = (
    "it must hold `x` and `y`, or `x_train` and `y_train` with, if there are any, "
    "`x_test`, `y_test`, `x_validation`, `y_validation` and `labels`"
)


@register_file_type("npz", ".npz", help="an .npz file of arrays")
def load(path: Path) -> Dataset:
    """Loads samples and integer labels from an `.npz` file.

    Images are (samples, height, width) or (samples, height, width, channels).

    Raises:
        DatasetError: If the file is missing, truncated, or lacks an array.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    try:
        # numpy would leave a file that it opens itself open when it is damaged.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            held = {key: file[key] for key in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path} is not a readable .npz file: {error}") from error
    train = _split(path, held, "_train") or _split(path, held, "")
    if train is None:
        found = ", ".join(held) or "nothing"
        raise DatasetError(f"{path}: {_KEYS}. Received: {found}")
    test, validation = (_split(path, held, f"_{p}") for p in ("test", "validation"))
    return make_dataset(str(path), _labels(held, train), train, test, validation)


def _split(path: Path, held: dict[str, np.ndarray], suffix: str) -> Split | None:
    x, y = held.get(f"x{suffix}"), held.get(f"y{suffix}")
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise DatasetError(f"{path}: {_KEYS}. Received: {', '.join(held)}")
    if x.ndim == 3:
        x = x[..., np.newaxis]
    if x.dtype == np.float64:
        x = x.astype("float32")
    return Split(x, y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y)


def _labels(held: dict[str, np.ndarray], train: Split) -> tuple[str, ...]:
    if "labels" in held:
        return tuple(str(label) for label in held["labels"])
    highest = train.y.max() if train.y.size and train.y.dtype.kind in "biu" else 0
    return tuple(str(i) for i in range(int(highest) + 1))
