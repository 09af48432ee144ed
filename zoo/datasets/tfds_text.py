"""Texts of TensorFlow Datasets: running text, or labelled texts."""

from typing import Any

import numpy as np

from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.labelled_text import texts
from zoo.datasets.text_file import running_text, unlabelled
from zoo.datasets.tfds_classes import class_names
from zoo.datasets.tfds_files import check_shards
from zoo.errors import DatasetError


def load(builder: Any, name: str) -> Dataset:
    """Reads the texts of a prepared set.

    Args:
        builder: A TFDS builder whose set is prepared.
        name: Of the set.

    Raises:
        DatasetError: If the set has no training split, its `text` is none, or its
            records are damaged.
    """
    import tensorflow_datasets as tfds

    features = dict(builder.info.features)
    if not isinstance(features["text"], tfds.features.Text):  # it unfolds to anything
        raise DatasetError(f"The feature `text` of TFDS set {name!r} is no text.")
    check_shards(name, builder)
    parts = {part: _read(builder, part) for part in builder.info.splits}
    if "train" not in parts:
        raise DatasetError(f"TFDS set {name!r} has no split called train.")
    if hasattr(features.get("label"), "names"):
        labels = class_names(name, features["label"], len(parts["train"].y))
        held_out = (parts.get(part) for part in ("test", "validation"))
        return make_dataset(name, labels, parts["train"], *held_out)
    if {"validation", "test"} <= parts.keys():
        three = (parts[part].x for part in ("train", "validation", "test"))
        return unlabelled(name, *three)
    return running_text(name, [line for part in parts.values() for line in part.x])


def _read(builder: Any, part: str) -> Split:
    import tensorflow as tf
    import tensorflow_datasets as tfds

    # Other features could unfold to anything.
    is_labelled = hasattr(dict(builder.info.features).get("label"), "names")
    read_ones = {"text": True} | ({"label": True} if is_labelled else {})
    only = tfds.decode.PartialDecoding(read_ones)
    try:
        batches = builder.as_dataset(split=part, decoders=only)
        samples = list(batches.as_numpy_iterator())
    except tf.errors.OpError as error:
        raise DatasetError(
            f"The records of {builder.info.name} ({part}) are damaged; delete "
            f"{builder.data_path} and prepare the set again. ({error.message})"
        ) from error
    read = texts([sample["text"].decode("utf-8") for sample in samples])
    if not is_labelled:
        return Split(read, read)
    return Split(read, np.array([sample["label"] for sample in samples], "int64"))
