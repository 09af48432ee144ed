"""Images whose targets are class ids, for models that learn without them."""

import dataclasses

import numpy as np

from zoo.datasets import Dataset, Split
from zoo.errors import DatasetError


def keep_class_ids(data: Dataset, task: str) -> Dataset:
    """Keeps images and class ids; images without classes are all of one.

    Args:
        data: Samples of numbers, 0 and above, such as pixels.
        task: Name of the task that they are prepared for.

    Raises:
        DatasetError: If samples are no such numbers.
    """
    if data.task == task:
        return data
    if data.train.x.dtype == object or data.train.x.min() < 0:
        raise DatasetError(
            f"Dataset {data.name!r} holds no images; models for {task} take pixels of "
            "0 and above."
        )
    if data.task == "classification":
        return dataclasses.replace(data, task=task)
    splits = {
        name: Split(split.x, np.zeros(len(split.x), "int64"))
        for name, split in data.splits.items()
    }
    return dataclasses.replace(data, task=task, labels=(), **splits)
