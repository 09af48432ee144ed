"""Values of JSON as samples: arrays, texts, and objects by the names of columns."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo import messages
from zoo.datasets.nested import flattened
from zoo.datasets.text_form import TEXT_NAMES
from zoo.errors import DatasetError
from zoo.inference.inputs import arrays
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.chosen_columns import ChosenColumns, guess
from zoo.inference.inputs.doubts import say_doubts
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.tokens import split_tokens

_INSTANCES = "instances"  # of a request of TensorFlow Serving


def read_whole(
    path: Path, content: Any, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the samples of a JSON document.

    Args:
        path: The file.
        content: An array of samples, one of them, or a request to a server.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: If it does not fit the model.
    """
    if isinstance(content, dict) and isinstance(content.get(_INSTANCES), list):
        content = content[_INSTANCES]
    if content == []:
        raise DatasetError(f"{path} holds no samples.")
    if isinstance(content, list) and not _are_items(content):
        array = _as_array(content)
        if array is not None:
            yield from arrays.of_array(path, array, model, options)
            return
    items = content if isinstance(content, list) else [content]
    reader = Objects(path, model, options)
    for start in range(0, len(items), model.batch_size):
        part = items[start : start + model.batch_size]
        yield reader.batch(part, range(start + 1, start + 1 + len(part)), start)


class Objects:
    """Makes batches of JSON values, each a sample.

    Args:
        path: The file.
        model: What the model takes.
        options: How it is read.
    """

    def __init__(self, path: Path, model: ModelInput, options: Options) -> None:
        self._path, self._model, self._options = path, model, options
        self._header: list[str] = []
        self._columns: ChosenColumns | None = None
        self._has_guessed = False

    def batch(
        self, items: Sequence[Any], lines: Sequence[int], start: int, read: int = 0
    ) -> Batch:
        """Returns values as samples.

        Args:
            items: Numbers, texts or objects.
            lines: Where they stand, for messages.
            start: Values before them.
            read: Bytes of the file that they took.

        Raises:
            DatasetError: If one does not fit the model.
        """
        pairs = zip(items, lines, strict=True)
        items = [self._flattened(*pair) for pair in pairs]
        rows = range(start + 1, start + 1 + len(items))
        inputs = [str(self._path)] * len(items)
        if self._model.takes_text and not isinstance(items[0], list):
            pairs = [self._text(*pair) for pair in zip(items, lines, strict=True)]
            texts, samples = map(list, zip(*pairs, strict=True))
            return Batch(samples, inputs, rows, texts, read=read)
        if isinstance(items[0], dict) and self._model.kind == "rows":
            if not self._header:
                objects = [each for each in items if isinstance(each, dict)]
                self._header = list(dict.fromkeys(k for each in objects for k in each))
            cells = [self._cells(*pair) for pair in zip(items, lines, strict=True)]
            if self._columns is None:
                given = self._path, self._header, cells, self._model, self._options
                self._columns = ChosenColumns(*given)
            return self._columns.batch(cells, lines, start, read)
        samples = [self._array(*pair) for pair in zip(items, lines, strict=True)]
        return Batch(samples, inputs, rows, read=read)

    def _flattened(self, item: Any, line: int) -> Any:
        if not isinstance(item, dict):
            return item
        try:
            return flattened(item)
        except DatasetError as error:
            raise DatasetError(f"{self._path}, line {line}: {error}") from error

    def _text(self, item: Any, line: int) -> tuple[str, Any]:
        if isinstance(item, dict):
            if self._model.kind == "tokens" and isinstance(item.get("tokens"), list):
                tokens = list(map(str, item["tokens"]))
                return " ".join(tokens), tokens
            by_name = {key.strip().lower(): value for key, value in item.items()}
            own = self._model.text_column
            found = [n for n in TEXT_NAMES if n in by_name]
            if own is None and len(found) > 1 and not self._has_guessed:
                self._has_guessed = True
                messages.warn(guess(self._path, found[0], found[1:]))
            chosen = by_name[found[0]] if found else None
            item = item.get(own, chosen)
        if not isinstance(item, str):
            raise DatasetError(
                f"{self._path}, line {line} holds no text, such as "
                '{"text": "a good film"}.'
            )
        return item, split_tokens(item) if self._model.kind == "tokens" else item

    def _cells(self, item: Any, line: int) -> list[Any]:
        if not isinstance(item, dict):
            raise DatasetError(f"{self._path}, line {line} holds no object.")
        columns = self._model.columns
        wanted = [column.name for column in columns] or self._header
        may_lack = {column.name for column in columns if column.has_missing}
        needed = {*wanted} & {*self._header} - may_lack
        missing = [key for key in self._header if key in needed and key not in item]
        if missing:
            raise DatasetError(
                f"{self._path}, line {line} has no {missing[0]!r}; write null where a "
                "value is missing."
            )
        for key in may_lack & {*self._header} - item.keys():
            self._options.remarks.inform(
                "records lack a field",
                f"{self._path}, line {line} has no {key!r}; it counts as missing.",
            )
        cells = [item.get(key) for key in self._header]
        nested = [
            k for k, v in item.items() if k in wanted and isinstance(v, list | dict)
        ]
        if nested:
            raise DatasetError(
                f"{self._path}, line {line}: {nested[0]!r} holds {item[nested[0]]!r}, "
                "no single value."
            )
        return cells

    def _array(self, item: Any, line: int) -> np.ndarray:
        if isinstance(item, dict) and len(item) == 1:
            (item,) = item.values()
        array = _as_array(item)
        if array is None or not arrays.fits(array.shape, self._model.shape):
            what = "no numbers" if array is None else f"an array of shape {array.shape}"
            raise self._model.refusal(f"{self._path}, line {line} holds {what}")
        arrays.check_finite(self._path, array[np.newaxis], self._model, line - 1)
        say_doubts(self._path, array[np.newaxis], self._model, self._options.remarks)
        return array


def _are_items(content: list[Any]) -> bool:
    return bool(content) and isinstance(content[0], dict | str)


def _as_array(value: Any) -> np.ndarray | None:
    """Returns numbers as an array; None for what is none."""
    try:
        array = np.array(value)
    except ValueError:  # lists of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None
