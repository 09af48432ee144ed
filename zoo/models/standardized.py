"""Raw measurements, or the columns of a table, as inputs of dense layers."""

from typing import Any

import keras

from custom_layers import Flatten, Normalization, TableEncoding

Columns = tuple[dict[str, Any], ...]


def standardized(
    features: keras.KerasTensor, columns: Columns = (), axis: int | None = -1
) -> keras.KerasTensor:
    r"""Standardizes the measurements of a sample, and flattens them.

    .. math::

        y = (x - \mu) / \sigma

    A table with columns of other kinds than numbers is encoded, see `TableEncoding`.

    Args:
        features: Input of the model, of shape (batch, ...).
        columns: What the columns of a table hold, as `InputColumn.as_json` says it;
            none where all of them are numbers.
        axis: Axis whose positions have a mean and a deviation of their own; one of each
            for all where it is None, and for samples of more than one axis.
    """
    if columns:
        return TableEncoding(columns)(features)
    if len(features.shape) > 2:
        axis = None
    # In low precision as well: measurements may be larger than float16 goes.
    return Flatten()(Normalization(axis=axis, dtype="float32")(features))
