"""Encoding of the columns of a table."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.layers._batches import arrays, shape_and_batches
from custom_layers.layers.preprocessing._statistics import moments_of_present

_KINDS = ("number", "boolean", "category", "date")
_YEAR, _WEEK, _DAY = 365.2425, 7.0, 1.0  # days


@keras.saving.register_keras_serializable("custom_layers")
class TableEncoding(keras.layers.Layer):
    r"""Encodes the columns of a table, of which NaN are missing values.

    Numbers, booleans (0 and 1) and dates (days since 1970-01-01) are standardized, and
    a missing one is the mean:

    .. math::

        z = \begin{cases}
            (x - \mu) / \sigma & x \text{ is present} \\
            0 & x \text{ is missing}
        \end{cases}

    A date is also its place in the year, in the week and, if it has times of day, in
    the day:

    .. math::

        (\sin 2 \pi x / p, \cos 2 \pi x / p), \quad p = 365.2425, 7, 1

    A category is an id; of up to `one_hot_limit` categories it becomes its indicators
    :math:`[x = 0], \dots, [x = n - 1]`, of more a learned vector :math:`E_x` of
    :math:`\lceil n^{1/4} \rceil` numbers. An id that is none of these, such as -1 for a
    category that the training did not hold, is all zeros. So are the places of a
    missing date, and a missing category.

    A column with missing values also has the indicator :math:`[x \text{ is missing}]`.
    The outputs are, each in the order of the columns: the standardized values, the
    missing indicators, the places of dates, the categories.

    `adapt` computes :math:`\mu` and :math:`\sigma` of the present values before
    training; :math:`\sigma` is 1 where all are equal. Times of day are exact to three
    minutes, since days are in `float32`.

    Args:
        columns: A mapping for each column with its `name` and `kind`: `number`,
            `boolean`, `category` or `date`; for a category the names of the
            `categories`; whether it `has_missing` values and, for a date, `has_times`
            of day. Further entries are kept.
        one_hot_limit: Categories that are one-hot encoded, at most.
        embeddings_initializer: Initializer for the vectors of categories. Near 0, a
            rare category is much like an unknown one.

    Shapes:
        `(batch, columns)` to `(batch, features)`.

    Example:

    >>> layer = TableEncoding([
    ...     {"name": "age", "kind": "number", "has_missing": True},
    ...     {"name": "sex", "kind": "category", "categories": ["female", "male"]},
    ... ])
    >>> layer.adapt(np.array([[20.0, 0], [40.0, 1], [np.nan, 1]]))
    >>> y = layer(np.array([[40.0, 0], [np.nan, 1], [30.0, -1]]))
    >>> ops.convert_to_numpy(y).tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]

    Reference:
        Guo and Berkhahn, 2016, Entity embeddings of categorical variables.
    """

    def __init__(
        self,
        columns: Sequence[Mapping[str, Any]],
        one_hot_limit: int = 64,
        embeddings_initializer: InitializerLike = "uniform",
        **kwargs: Any,
    ) -> None:
        _check(columns)
        if one_hot_limit < 0:
            raise ValueError(
                f"`one_hot_limit` must be 0 or more. Received: {one_hot_limit}"
            )
        super().__init__(**kwargs)
        self.columns = [dict(column) for column in columns]
        self.one_hot_limit = one_hot_limit
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        # Half precision would round ids and days.
        self.autocast = False
        self._precision = keras.backend.result_type(self.variable_dtype, "float32")
        self._scaled = self._places(lambda c: c["kind"] != "category")
        self._flagged = self._places(lambda c: c.get("has_missing", False))
        self._dates = self._places(lambda c: c["kind"] == "date")
        self._timed = self._places(lambda c: c.get("has_times", False))
        self._categories = self._places(lambda c: c["kind"] == "category")

    def _places(self, belongs: Callable[[Mapping[str, Any]], bool]) -> tuple[int, ...]:
        found = enumerate(self.columns)
        return tuple(place for place, column in found if belongs(column))

    def _size(self, place: int) -> int:
        return len(self.columns[place].get("categories", ()))

    def build(self, input_shape: Shape) -> None:
        """Creates the statistics and the vectors of categories."""
        if len(input_shape) != 2 or input_shape[-1] != len(self.columns):
            raise ValueError(
                f"The inputs must have the shape (batch, {len(self.columns)}), one "
                f"number for each column. Received: input_shape={tuple(input_shape)}"
            )
        shape = (len(self.columns),)
        fixed = {"trainable": False, "autocast": False, "dtype": self._precision}
        self.mean = self.add_weight(shape, "zeros", name="mean", **fixed)
        self.variance = self.add_weight(shape, "ones", name="variance", **fixed)
        sizes = {place: self._size(place) for place in self._categories}
        self.embeddings = [
            self.add_weight(
                (size, _embedding_size(size)),
                self.embeddings_initializer,
                name=f"embeddings_{place}",
            )
            for place, size in sizes.items()
            if size > self.one_hot_limit
        ]

    def adapt(self, data: Any) -> None:
        """Computes mean and variance of the present values and stores them.

        Args:
            data: Array or tensor, or batches of them: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a list, a generator. Of a batch that is a
                tuple, the first element is used.
        """
        shape, batches = shape_and_batches(data)
        if not self.built:
            self.build(shape)
            self.built = True
        columns = (None, len(self.columns))
        mean, variance = moments_of_present(arrays(batches, (1,), columns))
        mean[list(self._categories)] = variance[list(self._categories)] = 0
        self.mean.assign(mean)
        self.variance.assign(np.where(variance == 0, 1.0, variance))

    def call(self, inputs: Tensor) -> Tensor:
        """Encodes the columns."""
        x = ops.cast(inputs, self._precision)
        missing = ops.isnan(x)
        # Filled first: gradients through NaN are NaN, even where it is not selected.
        filled = ops.where(missing, ops.zeros_like(x), x)
        features = [
            *self._standardized(filled, missing),
            *self._indicators(missing),
            *self._cycles(filled, missing),
            *self._encoded(filled, missing),
        ]
        features = [ops.cast(each, self.compute_dtype) for each in features]
        return ops.concatenate(features, axis=-1)

    def _standardized(self, x: Tensor, missing: Tensor) -> list[Tensor]:
        if not self._scaled:
            return []
        # Subtract first: exact for large values with small deviations.
        z = _unless(missing, (x - self.mean) / ops.sqrt(self.variance))
        return [_take(z, self._scaled)]

    def _indicators(self, missing: Tensor) -> list[Tensor]:
        return [_take(missing, self._flagged)] if self._flagged else []

    def _cycles(self, x: Tensor, missing: Tensor) -> list[Tensor]:
        found = []
        of_periods = ((_YEAR, self._dates), (_WEEK, self._dates), (_DAY, self._timed))
        for period, places in of_periods:
            if not places:
                continue
            days = _take(x, places)
            # The remainder first: an angle of thousands of turns would be rounded.
            angle = 2 * math.pi / period * (days - period * ops.floor(days / period))
            gone = _take(missing, places)
            found += [_unless(gone, ops.sin(angle)), _unless(gone, ops.cos(angle))]
        return found

    def _encoded(self, x: Tensor, missing: Tensor) -> list[Tensor]:
        found, embeddings = [], iter(self.embeddings)
        all_ids = ops.cast(ops.round(x), "int32")
        all_ids = ops.where(missing, -ops.ones_like(all_ids), all_ids)
        for place in self._categories:
            size, ids = self._size(place), all_ids[:, place : place + 1]
            if size <= self.one_hot_limit:
                found.append(ops.equal(ids, ops.arange(size, dtype="int32")))
            else:
                known = ops.logical_and(ids >= 0, ids < size)
                rows = ops.where(known, ids, ops.zeros_like(ids))
                vectors = ops.take(next(embeddings), rows[:, 0], axis=0)
                found.append(vectors * ops.cast(known, vectors.dtype))
        return found

    def feature_columns(self) -> list[int]:
        """Returns the place of the column that each of the features comes from.

        >>> age = {"name": "age", "kind": "number", "has_missing": True}
        >>> sex = {"name": "sex", "kind": "category", "categories": ["f", "m"]}
        >>> TableEncoding([sex, age]).feature_columns()
        [1, 1, 0, 0]
        """
        cycles = (self._dates, self._dates, self._timed)
        return [
            *self._scaled,
            *self._flagged,
            *(place for places in cycles for place in (*places, *places)),
            *(k for k in self._categories for _ in range(self._features(k))),
        ]

    def _features(self, place: int) -> int:
        """Number of the features of a category."""
        size = self._size(place)
        return size if size <= self.one_hot_limit else _embedding_size(size)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the features."""
        return (input_shape[0], len(self.feature_columns()))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "columns": self.columns,
            "one_hot_limit": self.one_hot_limit,
            "embeddings_initializer": initializers.serialize(
                self.embeddings_initializer
            ),
        }


def _unless(missing: Tensor, x: Tensor) -> Tensor:
    return ops.where(missing, ops.zeros_like(x), x)


def _take(x: Tensor, places: tuple[int, ...]) -> Tensor:
    return ops.take(x, np.array(places, "int32"), axis=1)


def _embedding_size(categories: int) -> int:
    return math.ceil(categories**0.25)


def _check(columns: Sequence[Mapping[str, Any]]) -> None:
    if not columns:
        raise ValueError("`columns` must describe one column or more. Received: none")
    for column in columns:
        if not isinstance(column, Mapping) or column.get("kind") not in _KINDS:
            raise ValueError(
                "Each of `columns` must be a mapping with a `name` and a `kind` of "
                f"{', '.join(_KINDS)}. Received: {column!r}"
            )
        if column.get("has_times") and column["kind"] != "date":
            raise ValueError(
                f"Only a date of `columns` has times of day. Received: {column!r}"
            )
