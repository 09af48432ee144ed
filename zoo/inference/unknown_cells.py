"""Says which cells of a table are none that a model was trained on."""

import numpy as np

from zoo import messages
from zoo.datasets import Dataset
from zoo.datasets.input_column import UNKNOWN


def warn_of_unknown_cells(data: Dataset) -> None:
    """Says how many cells of the test split the training did not know, by column.

    Args:
        data: Encoded with the columns of the training.
    """
    for column, cells in zip(data.columns, np.transpose(data.test.x), strict=True):
        if column.categories and (count := np.count_nonzero(cells == UNKNOWN)):
            messages.warn(
                f"{data.name}, column {column.name!r}: {count:,} of {len(cells):,} "
                "cells in the test split are no categories of the training; they count "
                "as no category."
            )
        if not column.has_missing and (count := np.count_nonzero(np.isnan(cells))):
            messages.warn(
                f"{data.name}, column {column.name!r}: {count:,} of {len(cells):,} "
                "values in the test split are missing, as none was in training; they "
                "count as the mean, or as no category."
            )
