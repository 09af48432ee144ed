"""Sets in a data folder: those that TensorFlow Datasets prepared, text and tables."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets import csv_file, table, text_file, tfds_text
from zoo.datasets.builtin import LOADERS
from zoo.datasets.dataset import Dataset, Split, make
from zoo.datasets.storage import allocate
from zoo.errors import DatasetError, MissingDataError, suggestion

_FILES = dict.fromkeys(text_file.SUFFIXES, text_file.load)
_BATCH = 256  # records that are read together
_FILES |= dict.fromkeys(table.SUFFIXES, csv_file.load)


def load(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Loads a set of images or text; never touches the network.

    Args:
        name: Of a file without its suffix, or as TFDS spells it: `mnist`, `cifar10`,
            `name/config`, `name:1.0.0`.
        data_dir: Where TFDS keeps its sets, and files lie.

    Raises:
        DatasetError: If it is not there, is neither text nor an image classification
            with pictures of one size, or TFDS is not installed.
    """
    folder = Path(
        data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    ).expanduser()
    for suffix, load_file in _FILES.items():
        if (folder / f"{name}{suffix}").is_file():
            return dataclasses.replace(load_file(folder / f"{name}{suffix}"), name=name)
    if not (folder / name.split("/")[0].split(":")[0]).is_dir():
        raise _missing(name, folder)
    try:
        import tensorflow_datasets as tfds
        from tensorflow_datasets.core.read_only_builder import builder_from_files
    except ModuleNotFoundError as error:
        raise DatasetError(
            f"TFDS set {name!r} is read with {error.name}, which is not installed; "
            "run `pip install tensorflow tensorflow-datasets`, or save the set as an "
            ".npz file."
        ) from error
    try:
        builder = builder_from_files(name, data_dir=folder)
    except (tfds.core.DatasetNotFoundError, OSError, ValueError) as error:
        raise _missing(name, folder) from error
    features = dict(builder.info.features)
    if "text" in features and "image" not in features:
        return tfds_text.load(builder, name)
    image, label = features.get("image"), features.get("label")
    is_class = isinstance(label, tfds.features.ClassLabel)
    if image is None or label is None or not is_class:
        raise DatasetError(
            f"TFDS set {name!r} is no image classification: it has the features "
            f"{', '.join(features)} and needs `image` and a class `label`."
        )
    if None in image.shape:
        raise DatasetError(
            f"The pictures of TFDS set {name!r} differ in size; save them in one "
            "size as an image folder and give its path."
        )
    train = _read(builder, "train")
    if train is None:
        raise DatasetError(f"TFDS set {name!r} has no split called train.")
    test, validation = _read(builder, "test"), _read(builder, "validation")
    return make(name, tuple(label.names), train, test, validation)


def _read(builder: Any, split: str) -> Split | None:
    if split not in builder.info.splits:
        return None
    import tensorflow as tf

    count = builder.info.splits[split].num_examples
    image = builder.info.features["image"]
    x = allocate((count, *image.shape), image.np_dtype)
    y = np.empty(count, "int64")
    start = 0
    try:
        batches = builder.as_dataset(split=split, batch_size=_BATCH)
        for batch in batches.as_numpy_iterator():
            stop = start + len(batch["label"])
            x[start:stop], y[start:stop] = batch["image"], batch["label"]
            start = stop
    except tf.errors.OpError as error:
        raise DatasetError(
            f"The records of {builder.info.name} ({split}) are damaged; delete "
            f"{builder.data_path} and prepare the set again. ({error.message})"
        ) from error
    return Split(x, y)


def _missing(name: str, folder: Path) -> MissingDataError:
    prepared = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    known = [*LOADERS, *(p for p in prepared if p != "downloads")]
    return MissingDataError(
        f"Dataset {name!r} is neither built in, nor a path, nor prepared in {folder}."
        f"{suggestion(name, known)} If TFDS has it, `tfds build {name}` downloads it "
        "once (set TFDS_DATA_DIR or --data-dir to use another folder)."
    )
