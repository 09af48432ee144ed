"""Data by name or path: built-in sets, folders, files, and TFDS.

A dataset type is one module of this package, which registers itself.
"""

import os
from pathlib import Path
from typing import Any

from zoo.datasets.checking import checked
from zoo.datasets.copies import drop_copies
from zoo.datasets.corpus import make_corpus
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import (
    DatasetType,
    dataset_types,
    register_dataset_type,
    register_file_type,
    type_of,
)
from zoo.datasets.folds import draw_fold
from zoo.datasets.labelled import keep_labelled
from zoo.datasets.named import list_datasets, register_dataset
from zoo.datasets.other_forms import hint
from zoo.datasets.quantities import make_regression_dataset
from zoo.errors import DatasetError
from zoo.keywords import takes_fields
from zoo.reading import Reading, reading_of, takes_reading

__all__ = [
    "Dataset",
    "DatasetType",
    "Split",
    "checked",
    "describe_types",
    "list_datasets",
    "load_dataset",
    "make_corpus",
    "make_dataset",
    "make_regression_dataset",
    "register_dataset",
    "register_dataset_type",
    "register_file_type",
]


@takes_fields(Reading)
@takes_reading
def load_dataset(
    name_or_path: str | os.PathLike,
    *,
    data_dir: str | os.PathLike | None = None,
    **reading: Any,
) -> Dataset:
    """Loads a dataset and splits it into train, validation and test.

    The split is the same on every machine: what the source calls `test` or
    `validation` is kept, what it lacks is drawn from the rest, class by class,
    with a fixed seed.

    Args:
        name_or_path: A registered name such as `digits` or `iris` (no network), the
            name of a TFDS set of images or text, an image folder with a sub-folder for
            each class, an `.npz` file with `x`, `y` or `x_train`, `y_train`, ...,
            a `.csv` table, a column of one as a series (`table.csv:column`), or a
            `.txt` or `.tsv` file: running text, lines of label, tab and text, or of
            token, tab and tag with an empty line after each sentence. Tables and
            text may be compressed with gzip. What users register comes to that.
        data_dir: Where TFDS keeps its sets, and files lie that are named without their
            suffix; `TFDS_DATA_DIR` or `~/tensorflow_datasets` without it.
        reading: How a file is read where it does not say so itself, such as
            `charset="cp1252"`: fields of `zoo.reading.Reading`.

    Raises:
        DatasetError: If it is missing, unreadable, or holds values that no
            model can learn from (NaN, labels out of range).

    Example:

    >>> digits = load_dataset("digits")
    >>> digits.input_shape, digits.num_classes, len(digits.test.y)
    ((8, 8, 1), 10, 360)
    """
    if isinstance(name_or_path, os.PathLike):
        name_or_path = Path(name_or_path)
    data_dir = None if data_dir is None else Path(data_dir)
    given = reading_of(Reading(**reading))
    fold = given.pop("fold", None)
    if fold is not None and "test_group" in given:
        raise DatasetError(
            f"{name_or_path}: in folds each group is tested once; leave --test-group "
            "out."
        )
    dataset_type = type_of(name_or_path)
    if dataset_type is not None:
        drops = given.pop("drop_copies", False)
        labelled = given.pop("labelled", None)
        data = dataset_type.read(name_or_path, data_dir, given)
        data = data if fold is None else draw_fold(data, fold)
        data = drop_copies(data) if drops else data
        return data if labelled is None else keep_labelled(data, labelled)
    path = Path(name_or_path)
    known = hint(path) if path.is_file() else None
    if known is not None:
        raise DatasetError(known)
    if path.exists():
        raise DatasetError(f"{path} is none of these: {describe_types()}.")
    raise DatasetError(f"There is no file or folder {path}; check the path.")


def describe_types() -> str:
    """Returns what `load_dataset` takes, for a message: `an .npz file, ...`."""
    return ", ".join(dataset_type.help for dataset_type in dataset_types())
