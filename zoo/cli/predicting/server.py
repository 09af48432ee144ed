"""Answers of a server."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from serving import Client
from serving.client.signatures import read_signatures
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    SignatureDef,
    TensorInfo,
)
from zoo.bounds import parse_json
from zoo.cli.predicting.signatures import TEXT, SignatureAnswerer, texts_of
from zoo.datasets.input_column import InputColumn, encode_rows
from zoo.errors import DatasetError
from zoo.inference.inputs.model_input import ModelInput

_FILES = "serve_bytes"  # takes files of pictures
_COLUMNS = "columns"  # a tensor for each column of a table
_OF_DAYS = "columns_of_days"  # the same, dates as numbers: ONNX has it alone
_FORMS = "column_forms"  # how the cells of columns are written
_NUMBER = "DT_FLOAT"
# Signatures of tasks that have a command of their own, which takes `--url` as well.
_OF_COMMANDS = {"generate": "language_modelling", "translate": "translation"}
_ROWS = 256  # of a request


class ServerAnswerer(SignatureAnswerer):
    """Asks a server for a model.

    Args:
        url: Of its REST API, such as `http://127.0.0.1:8501`.
        name: Of the model.

    Raises:
        ServingError: If it cannot be reached, or has no such model.
    """

    def __init__(self, url: str, name: str) -> None:
        self._client = Client(url)
        try:
            super().__init__(name, read_signatures(self._client.metadata(name)))
            self.takes = _model_input(self)
        except BaseException:
            self._client.close()
            raise

    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """See `Answerer.outputs`."""
        self.ask_for_names()
        ask = self._ask_for(samples)
        parts = [
            ask(samples[start : start + _ROWS])
            for start in range(0, len(samples), _ROWS)
        ]
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _ask_for(self, samples: Any) -> Callable[[Any], Mapping[str, np.ndarray]]:
        if isinstance(samples, np.ndarray) and samples.dtype == object:
            return self._of_cells
        is_of_files = isinstance(samples[0], bytes)
        return self._of_files if is_of_files else super().outputs

    def _of_cells(self, cells: np.ndarray) -> Mapping[str, np.ndarray]:
        name = _COLUMNS if _COLUMNS in self.signatures else _OF_DAYS
        takes = self.signatures[name].inputs
        inputs = {}
        for place, column in enumerate(self.takes.columns):
            values = cells[:, place]
            if takes[column.name].dtype != _NUMBER:
                inputs[column.name] = values.astype(object)
            elif column.kind == "date":
                rows = [[value] for value in values]
                inputs[column.name] = encode_rows([column], rows)[:, 0]
            else:
                inputs[column.name] = values.astype("float32")
        return self.named(self.call(name, inputs))

    def _of_files(self, files: Sequence[bytes]) -> Mapping[str, np.ndarray]:
        name, _ = self.only_input(_FILES)
        array = np.empty(len(files), object)
        array[:] = files
        return self.named(self.call(_FILES, {name: array}))

    def call(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `SignatureAnswerer.call`."""
        return self._client.predict(self.name, inputs, signature_name=signature)

    def close(self) -> None:
        """See `Answerer.close`."""
        self._client.close()


def _model_input(answerer: SignatureAnswerer) -> ModelInput:
    """Returns what the signatures of a model take."""
    signatures = answerer.signatures
    texts = signatures.get(TEXT)
    name, info = answerer.only_input(DEFAULT_SIGNATURE_NAME)
    columns = _columns(answerer)
    return ModelInput(
        answerer.name,
        tuple((info.shape or ())[1:]),
        _task(signatures),
        columns=columns,
        takes_cells=bool(columns),
        column_key=_key,
        takes_text=texts is not None and _gives_names(texts),
        takes_files=_FILES in signatures,
        takes_sounds=name == "waveform",
    )


def _columns(answerer: SignatureAnswerer) -> tuple[InputColumn, ...]:
    """Returns the columns of a table by the names of their tensors."""
    signatures = answerer.signatures
    columns = signatures[_COLUMNS].inputs if _COLUMNS in signatures else {}
    days = signatures[_OF_DAYS].inputs if _OF_DAYS in signatures else {}
    if _FORMS not in signatures:
        return tuple(_column(each, days.get(key)) for key, each in columns.items())
    try:
        forms = [parse_json(form) for form in answerer.said_by(_FORMS)]
        found = tuple(map(_as_written, forms))
    except ValueError as error:
        raise DatasetError(f"{answerer.name}, signature {_FORMS!r}: {error}") from error
    if {column.name for column in found} != {*(columns or days)}:
        raise DatasetError(
            f"{answerer.name}, signature {_FORMS!r} names other columns than it takes."
        )
    return found


def _as_written(form: Any) -> InputColumn:
    if isinstance(form, dict) and "tensor" in form:
        form = {**form, "name": form["tensor"]}
        del form["tensor"]
    return InputColumn.from_json(form)


def _column(info: TensorInfo, in_days: TensorInfo | None) -> InputColumn:
    """A column of the signature; texts are looked up by the server, but for dates."""
    if info.dtype == _NUMBER:
        return InputColumn(info.name, "number")
    is_date = in_days is not None and in_days.dtype == _NUMBER
    return InputColumn(info.name, "date" if is_date else "category")


def _key(name: str) -> str:
    """The part of a column's name that its tensor has as well.

    >>> _key("Mass (g)") == _key("Mass_g"), _key("1") == _key("column_1")
    (True, True)
    """
    return re.sub(r"[^A-Za-z0-9]+", "", name).removeprefix("column")


def _gives_names(signature: SignatureDef) -> bool:
    return bool({"label", "tags", "predictions"} & signature.outputs.keys())


def _task(signatures: Mapping[str, SignatureDef]) -> str | None:
    """Returns the task that the outputs are of, where it matters to how it is asked."""
    outputs = signatures[DEFAULT_SIGNATURE_NAME].outputs.keys()
    if "tag_ids" in outputs:
        return "tagging"
    if "forecast" in outputs:
        return "forecasting"
    given = (task for name, task in _OF_COMMANDS.items() if name in signatures)
    return next(given, None)


def ask_for_texts(
    url: str, name: str, signature: str, output: str, inputs: Mapping[str, Any]
) -> list[str]:
    """Returns the texts that a server makes of others.

    Args:
        url: Of its REST API.
        name: Of the model.
        signature: Which is asked.
        output: Name of the texts in its answer.
        inputs: A list of texts, and one number for all of them by each other name.

    Raises:
        ServingError: If it cannot be reached, or has no such model or signature.
    """
    count = max(len(each) for each in inputs.values() if isinstance(each, list))
    rows = {k: v if isinstance(v, list) else [v] * count for k, v in inputs.items()}
    with Client(url) as client:
        found = client.predict(name, rows, signature_name=signature)
    return texts_of(found[output]).tolist()
