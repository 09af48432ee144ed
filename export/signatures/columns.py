r"""A signature that takes the rows of a table by name: one tensor for each column.

Numbers are numbers, NaN where they are missing. Booleans, categories and dates are
strings as they stand in a file, empty where they are missing: `yes`, `true`, `1` and
such; the category itself; dates as in the table, or in ISO 8601, `2024-01-31` or
`2024-01-31T12:30:00`. A category that the training did not hold is an unknown one; what
is no boolean, and what is no date, is missing.

ONNX cannot read dates, so a table that has some has a second signature that takes them
in days since 1970-01-01.

Who reads a file must know of decimal commas, per cent signs and the form of dates to
send its rows: another signature, `column_forms`, says how they are written.
"""

import dataclasses
import json
from typing import Any

import numpy as np
import tensorflow as tf

from export import naming
from export.samples import Batch
from export.signature import Signature
from export.signatures.base import AnySignature, Computed
from export.signatures.dates import days
from export.signatures.labels import Labels
from export.signatures.names import Names
from zoo.datasets.cells import MISSING
from zoo.datasets.input_column import TRUTHS, UNKNOWN, InputColumn, encode_rows
from zoo.runs.trained import Trained

NAME = "columns"
OF_DAYS = "columns_of_days"
FORMS = "column_forms"
_WRITTEN = ("kind", "decimal_comma", "is_percent", "date_format")
_MOST = 256  # tensors of a signature
_SPREAD = 3_650  # days around the mean date, of samples


@dataclasses.dataclass(frozen=True)
class Columns(Computed):
    """Takes a tensor for each column where the signature inside takes a matrix.

    Args:
        of_matrix: The signature that takes the matrix.
        labels: Adds the labels of classes to its outputs; None where it has no classes.
        columns: What its columns hold.
        tables: The values of each boolean and category as a lookup table, by place.
        means: Of the columns in the training, around which samples are drawn.
        deviations: Likewise.
        has_days: Whether dates are days since 1970-01-01.
    """

    of_matrix: Signature
    labels: Labels | None
    columns: tuple[InputColumn, ...]
    tables: dict[int, tf.lookup.StaticHashTable]
    means: np.ndarray
    deviations: np.ndarray
    has_days: bool = False

    @property
    def description(self) -> str:  # pyright: ignore
        """One line, for the manifest."""
        forms = {c.date_format for c in self.columns if c.kind == "date"}
        written = [*sorted(filter(None, forms)), "ISO 8601"]
        dates = "days since 1970-01-01" if self.has_days else " or ".join(written)
        return "a table by its columns" + (f", dates as {dates}" if forms else "")

    @property
    def needs_tensorflow(self) -> bool:  # pyright: ignore
        """Whether it reads dates."""
        return not all(map(self._is_read, self.columns))

    def _is_read(self, column: InputColumn) -> bool:
        return column.kind != "date" or self.has_days

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        outputs = (self.labels or self.of_matrix).describe()["outputs"]
        names = tensor_names(self.columns, taken=tuple(outputs))
        return tuple(
            tf.TensorSpec((None,), self._dtype(column), name=name)
            for column, name in zip(self.columns, names, strict=True)
        )

    def _dtype(self, column: InputColumn) -> tf.DType:
        is_number = column.kind == "number" or (column.kind == "date" and self.has_days)
        return tf.float32 if is_number else tf.string

    def sample(self, batch_size: int) -> Batch:
        """Draws rows, the same at each call; in a single one nothing is missing."""
        generator = np.random.default_rng(batch_size)
        found = {}
        for place, (spec, column) in enumerate(
            zip(self.inputs, self.columns, strict=True)
        ):
            values = self._draw(generator, place, batch_size)
            gap = np.nan if spec.dtype == tf.float32 else ""
            if batch_size > 1 and (column.has_missing or column.kind != "number"):
                values[int(generator.integers(batch_size))] = gap
            kind = "float32" if spec.dtype == tf.float32 else object
            found[str(spec.name)] = np.array(values, kind)
        return {
            k: v if v.dtype == "float32" else v.astype("U") for k, v in found.items()
        }

    def _draw(
        self, generator: np.random.Generator, place: int, count: int
    ) -> list[Any]:
        column, mean = self.columns[place], self.means[place]
        if column.kind == "number":
            return generator.normal(mean, self.deviations[place], size=count).tolist()
        if column.kind == "boolean":
            return [str(word) for word in generator.choice(list(TRUTHS), count)]
        if column.kind == "category":
            names = [*column.categories, "unheard-of"]
            return [
                names[place] for place in generator.integers(len(names), size=count)
            ]
        days = np.floor(mean) + generator.integers(-_SPREAD, _SPREAD, size=count)
        if self.has_days:
            return days.tolist()
        minutes = generator.integers(24 * 60, size=count) * column.has_times
        times = days.astype("datetime64[D]") + minutes.astype("timedelta64[m]")
        return [str(time) for time in times]

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs: rows are encoded in Python."""
        columns = [
            InputColumn(c.name, "number") if c.kind == "date" and self.has_days else c
            for c in self.columns
        ]
        rows = list(zip(*(array.tolist() for array in inputs.values()), strict=True))
        (spec,) = self.of_matrix.inputs
        outputs = self.of_matrix({str(spec.name): encode_rows(columns, rows)})
        return outputs if self.labels is None else self.labels.named(outputs)

    def traced(self, *tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        matrix = tf.stack(
            [self._encoded(place, tensor) for place, tensor in enumerate(tensors)],
            axis=1,
        )
        return dict((self.labels or self.of_matrix).within(matrix))

    def _encoded(self, place: int, values: tf.Tensor) -> tf.Tensor:
        if place in self.tables:
            return self.tables[place].lookup(values)
        if values.dtype == tf.string:
            return days(values, self.columns[place].date_format)
        return values

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.of_matrix.resources(), *self.tables.values()]


def tensor_names(
    columns: tuple[InputColumn, ...], taken: tuple[str, ...] = ()
) -> list[str]:
    """Returns the name of the tensor of each column, as every format takes it.

    >>> tensor_names((InputColumn("Mass (g)", "number"), InputColumn("1", "number")))
    ['Mass_g', 'column_1']
    """
    fits = [naming.fit(column.name) for column in columns]
    return naming.distinct(
        [name if name[0].isalpha() else f"column_{name}" for name in fits], taken
    )


def signatures(
    source: Trained, default: Signature, labels: Labels | None
) -> dict[str, AnySignature]:
    """Returns `columns` of a model of tables, and `columns_of_days` if it has dates."""
    if not 0 < len(source.columns) <= _MOST or len(default.inputs) != 1:
        return {}
    tables = {
        place: _table(column)
        for place, column in enumerate(source.columns)
        if column.kind in ("boolean", "category")
    }
    found = Columns(default, labels, source.columns, tables, *_statistics(source))
    more: dict[str, AnySignature] = {}
    if found.needs_tensorflow:
        more[OF_DAYS] = dataclasses.replace(found, has_days=True)
    if any(c.kind == "date" or c.decimal_comma or c.is_percent for c in source.columns):
        more[FORMS] = _forms(found, default)
    return {NAME: found, **more}


def _forms(columns: Columns, default: Signature) -> Names:
    """Returns the signature that says how the cells of each column are written."""
    said = []
    for column, spec in zip(columns.columns, columns.inputs, strict=True):
        held = column.as_json()
        form = {key: held[key] for key in _WRITTEN}
        said.append(json.dumps({"tensor": spec.name, **form}))
    what = "how the cells of each column are written in a file, as JSON"
    return Names(default, tuple(said), FORMS, what)


def _table(column: InputColumn) -> tf.lookup.StaticHashTable:
    """Values of a boolean or a category to numbers, as `encode_rows` encodes them."""
    spellings = {c for word in MISSING for c in (word, word.upper(), word.capitalize())}
    entries = dict.fromkeys(sorted(spellings | {"NaN"}), np.nan)
    if column.kind == "boolean":
        for word, value in TRUTHS.items():
            entries |= dict.fromkeys((word, word.upper(), word.capitalize()), value)
    else:
        entries |= {name: place for place, name in enumerate(column.categories)}
    values = tf.constant(list(entries.values()), tf.float32)
    initializer = tf.lookup.KeyValueTensorInitializer(
        tf.constant(list(entries)), values
    )
    default = np.nan if column.kind == "boolean" else UNKNOWN
    return tf.lookup.StaticHashTable(initializer, default)


def _statistics(source: Trained) -> tuple[np.ndarray, np.ndarray]:
    """Returns means and deviations; 0 and 1 where they are not known."""
    known, count = source.input_statistics, len(source.columns)
    if known is None:
        return np.zeros(count), np.ones(count)
    return (
        np.nan_to_num(np.broadcast_to(known.mean, count)),
        np.nan_to_num(np.broadcast_to(known.deviation, count), nan=1.0),
    )
