"""The checks that a dataset passes before a model is trained on it."""

import numpy as np

from zoo.datasets.boxes import check_boxes
from zoo.datasets.captions import check_captions
from zoo.datasets.dataset import (
    Dataset,
    check_classes,
    check_columns,
    check_trained_classes,
    read_rows,
)
from zoo.datasets.label_sets import check_label_sets
from zoo.datasets.quantities import check_quantities


def checked(data: Dataset) -> Dataset:
    """Returns a dataset after the checks of what makes datasets of arrays.

    Raises:
        DatasetError: If samples and their labels or quantities do not belong together,
            or hold what no model can learn from.
    """
    if data.task == "classification":
        for part, split in data.splits.items():
            name = f"{data.name} ({part})"
            check_classes(name, split, data.labels, data.input_shape)
        check_trained_classes(data.name, data.train, data.labels)
    elif data.task == "regression":
        check_quantities(data)
    elif data.task == "multi_label":
        check_label_sets(data)
    elif data.task == "detection":
        check_boxes(data)
    elif data.task == "captioning":
        check_captions(data)
    else:
        return data
    check_columns(data.name, data.columns, data.input_shape)
    for part, split in data.splits.items():
        rows = np.arange(len(split.y))
        read_rows(
            f"{data.name} ({part})", split, {part: rows}, may_miss=bool(data.columns)
        )
    return data
