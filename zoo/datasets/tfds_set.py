"""Sets in a data folder: those that TensorFlow Datasets prepared, and files."""

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets import tfds_text
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import (
    DatasetType,
    dataset_types,
    register_dataset_type,
)
from zoo.datasets.named import list_datasets
from zoo.datasets.storage import Samples
from zoo.datasets.tfds_classes import check_classes, check_names, class_names
from zoo.datasets.tfds_files import (
    check_files,
    check_images,
    check_shards,
    check_splits,
)
from zoo.errors import DatasetError, MissingDataError, reason, suggestion
from zoo.reading import Reading
from zoo.validation import fields_of

_BATCH = 256  # examples that are read together


def load(name: str, data_dir: str | Path | None = None, **reading: Any) -> Dataset:
    """Loads a set of images or text; never touches the network.

    Args:
        name: Of a file without its suffix, or as TFDS spells it: `mnist`, `cifar10`,
            `name/config`, `name:1.0.0`.
        data_dir: Where TFDS keeps its sets, and files lie.
        reading: How a file is read: fields of `zoo.reading.Reading`.

    Raises:
        DatasetError: If it is not there, is neither text nor an image classification
            with images of one size, or TFDS is not installed.
    """
    folder = Path(
        data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    ).expanduser()
    for each in dataset_types():
        for path in (folder / f"{name}{suffix}" for suffix in each.suffixes):
            if path.is_file():
                found = each.read(path, data_dir, reading)
                return dataclasses.replace(found, name=name)
    prepared = folder / name.split("/")[0].split(":")[0]
    if not prepared.is_dir():
        raise _missing(name, folder)
    try:
        import tensorflow_datasets as tfds
        from tensorflow_datasets.core.naming import parse_builder_name_kwargs
        from tensorflow_datasets.core.read_only_builder import builder_from_files
    except ModuleNotFoundError as error:
        raise DatasetError(
            f"TFDS set {name!r} is read with {error.name}, which is not installed; "
            "run `pip install tensorflow tensorflow-datasets`, or save the set as an "
            ".npz file."
        ) from error
    try:  # TFDS looks for `MySet` in `my_set`.
        prepared = folder / parse_builder_name_kwargs(name)[0].name
    except ValueError as error:
        raise _missing(name, folder) from error
    with _explained(name, prepared):
        check_files(prepared)
        check_classes(prepared)
        check_names(prepared)
        check_splits(prepared)
        try:
            builder = builder_from_files(name, data_dir=folder)
        except (tfds.core.DatasetNotFoundError, OSError, ValueError) as error:
            raise _missing(name, folder) from error
        return _loaded(name, builder)


@contextlib.contextmanager
def _explained(name: str, prepared: Path) -> Iterator[None]:
    try:
        yield
    except DatasetError:
        raise
    except Exception as error:  # whatever TFDS and protobuf raise on damaged files
        raise DatasetError(
            f"TFDS set {name!r} is damaged; delete {prepared} and prepare it again. "
            f"({type(error).__name__}: {reason(error)})"
        ) from error


def _loaded(name: str, builder: Any) -> Dataset:
    import tensorflow_datasets as tfds

    features = dict(builder.info.features)
    if "text" in features and "image" not in features:
        return tfds_text.load(builder, name)
    image, label = features.get("image"), features.get("label")
    is_class = isinstance(label, tfds.features.ClassLabel)
    if image is None or label is None or not is_class:
        raise DatasetError(
            f"TFDS set {name!r} is not an image classification: it has the features "
            f"{', '.join(features)} and needs `image` and a class `label`."
        )
    if None in image.shape:
        raise DatasetError(
            f"The images of TFDS set {name!r} differ in size; save them in one size "
            "as an image folder and give its path."
        )
    check_shards(name, builder)
    train = _read(builder, "train")
    if train is None:
        raise DatasetError(f"TFDS set {name!r} has no split called train.")
    test, validation = _read(builder, "test"), _read(builder, "validation")
    labels = class_names(name, label, len(train.y))
    return make_dataset(name, labels, train, test, validation)


def _read(builder: Any, split: str) -> Split | None:
    if split not in builder.info.splits:
        return None
    import tensorflow_datasets as tfds

    count = builder.info.splits[split].num_examples
    image = builder.info.features["image"]
    # Labels first: they decide in which split an image has its place.
    without = {"image": tfds.decode.SkipDecoding()}
    labels = []
    for batch in _batches(builder, split, without):
        check_images(builder.info.name, batch["image"], image.shape)
        labels.append(batch["label"])

    def read() -> Iterator[np.ndarray]:
        for batch in _batches(builder, split):
            yield batch["image"]

    x: Any = Samples((count, *image.shape), np.dtype(image.np_dtype), read)
    return Split(x, np.concatenate(labels).astype("int64"))


def _batches(
    builder: Any, split: str, decoders: dict[str, Any] | None = None
) -> Iterator[dict[str, np.ndarray]]:
    import tensorflow as tf
    import tensorflow_datasets as tfds

    # Other features could unfold to anything.
    only = tfds.decode.PartialDecoding({"image": True, "label": True}, decoders)
    try:
        batches = builder.as_dataset(split=split, batch_size=_BATCH, decoders=only)
        yield from batches.as_numpy_iterator()
    except tf.errors.OpError as error:
        raise DatasetError(
            f"The records of {builder.info.name} ({split}) are damaged; delete "
            f"{builder.data_path} and prepare the set again. ({error.message})"
        ) from error


def _missing(name: str, folder: Path) -> MissingDataError:
    prepared = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    known = [*list_datasets(), *(p for p in prepared if p != "downloads")]
    return MissingDataError(
        f"Dataset {name!r} is neither built in, nor a path, nor prepared in {folder}."
        f"{suggestion(name, known)} If TFDS has it, `tfds build {name}` downloads it "
        "once (set TFDS_DATA_DIR or --data-dir to use another folder)."
    )


def _matches(name: str | Path) -> bool:
    path = Path(name)
    # A set is called by its name, at most with a configuration after a slash.
    is_path = isinstance(name, Path) or path.is_absolute() or len(path.parts) > 2
    return not (is_path or str(name).startswith((".", "~")) or path.exists())


register_dataset_type(
    DatasetType(
        name="tfds",
        help="the name of a TFDS set or of a file in --data-dir",
        matches=_matches,
        load=lambda name, data_dir, **given: load(str(name), data_dir, **given),
        options=tuple(fields_of(Reading)),
    )
)
