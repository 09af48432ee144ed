"""Data by name or path: built-in sets, folders, files, and TFDS."""

from pathlib import Path

from zoo.datasets import (
    arrays,
    builtin,
    csv_file,
    image_folder,
    series,
    table,
    text_file,
    tfds_set,
)
from zoo.datasets.dataset import Dataset, Split, checked
from zoo.errors import DatasetError

__all__ = ["Dataset", "Split", "checked", "load_dataset"]


def load_dataset(
    name_or_path: str | Path, *, data_dir: str | Path | None = None
) -> Dataset:
    """Loads a dataset and splits it into train, validation and test.

    The split is the same on every machine: what the source calls `test` or
    `validation` is kept, what it lacks is drawn from the rest, class by class,
    with a fixed seed.

    Args:
        name_or_path: A built-in set such as `digits` or `iris` (no network), the name
            of a TFDS set of images or text, an image folder with a sub-folder for
            each class, an `.npz` file with `x`, `y` or `x_train`, `y_train`, ...,
            a `.csv` table, a column of one as a series (`table.csv:column`), or a
            `.txt` or `.tsv` file: running text, lines of label, tab and text, or of
            token, tab and tag with an empty line behind each sentence. Tables and
            text may be packed with gzip.
        data_dir: Where TFDS keeps its sets, and text or tables lie that are called
            by their name alone; `TFDS_DATA_DIR` or `~/tensorflow_datasets` without
            it.

    Raises:
        DatasetError: If it is missing, unreadable, or holds values that no
            model can learn from (NaN, labels out of range).

    Example:

    >>> digits = load_dataset("digits")
    >>> digits.input_shape, digits.num_classes, len(digits.test.y)
    ((8, 8, 1), 10, 360)
    """
    name, path = str(name_or_path), Path(name_or_path)
    if name in builtin.LOADERS:
        return builtin.load(name)
    if path.suffix == ".npz":
        return arrays.load(path)
    file, colon, column = name.rpartition(":")
    if colon and file.endswith(table.SUFFIXES):
        return series.column(Path(file), column)
    if name.endswith(table.SUFFIXES):
        return csv_file.load(path)
    if name.endswith(text_file.SUFFIXES):
        return text_file.load(path)
    if path.is_dir():
        return image_folder.load(path)
    if path.exists():
        raise DatasetError(
            f"{path} is no folder of images and no .npz, .csv, .tsv or .txt file; "
            "see `zoo train --help` for what can be read."
        )
    is_path = isinstance(name_or_path, Path) or path.is_absolute()
    if is_path or len(path.parts) > 2 or name.startswith((".", "~")):
        raise DatasetError(f"There is no file or folder {path}; check the path.")
    return tfds_set.load(name, data_dir)
