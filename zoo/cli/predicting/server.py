"""Answers of a server."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving import Client
from serving.client.signatures import read_signatures
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    SignatureDef,
    TensorInfo,
)
from zoo.cli.predicting.signatures import TEXT, SignatureAnswerer
from zoo.datasets.input_column import InputColumn
from zoo.inference.inputs.model_input import ModelInput

_CLASSIFY = "classify"
_COLUMNS = "columns"  # a tensor for each column of a table
_ROWS = 256  # of a request


class ServerAnswerer(SignatureAnswerer):
    """Asks a server for a model.

    Args:
        url: Of its REST API, such as `http://127.0.0.1:8501`.
        name: Of the model.
        top: How many classes are named for a sample.

    Raises:
        ServingError: If it cannot be reached, or has no such model.
    """

    def __init__(self, url: str, name: str, top: int) -> None:
        self._client = Client(url)
        try:
            super().__init__(name, read_signatures(self._client.metadata(name)))
            self.takes = _model_input(self)
        except BaseException:
            self._client.close()
            raise
        self._asks_for_names = top > 1 and _CLASSIFY in self.signatures

    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """See `Answerer.outputs`."""
        is_cells = isinstance(samples, np.ndarray) and samples.dtype == object
        ask = self._of_cells if is_cells else super().outputs
        parts = [
            ask(samples[start : start + _ROWS])
            for start in range(0, len(samples), _ROWS)
        ]
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _of_cells(self, cells: np.ndarray) -> Mapping[str, np.ndarray]:
        inputs = {
            column.name: cells[:, place].astype(
                "float32" if column.kind == "number" else object
            )
            for place, column in enumerate(self.takes.columns)
        }
        return self.named(self.call(_COLUMNS, inputs))

    def call(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `SignatureAnswerer.call`."""
        if self._asks_for_names:
            self._asks_for_names = False
            # It returns all classes, in the order of their ids.
            examples = [self._example(inputs)]
            given = self._client.classify(self.name, examples, signature_name=_CLASSIFY)
            self.labels = [label for label, _ in given[0]]
        return self._client.predict(self.name, inputs, signature_name=signature)

    def _example(self, inputs: Mapping[str, np.ndarray]) -> dict[str, Any]:
        if self.takes.takes_cells:
            name, info = self.only_input(DEFAULT_SIGNATURE_NAME)
            return {name: np.zeros((info.shape or (1, 1))[1] or 1, "float32")}
        ((name, values),) = inputs.items()
        return {name: values[0]}

    def close(self) -> None:
        """See `Answerer.close`."""
        self._client.close()


def _model_input(answerer: SignatureAnswerer) -> ModelInput:
    """Returns what the signatures of a model take."""
    signatures = answerer.signatures
    texts = signatures.get(TEXT)
    name, info = answerer.only_input(DEFAULT_SIGNATURE_NAME)
    columns = signatures[_COLUMNS].inputs if _COLUMNS in signatures else {}
    return ModelInput(
        answerer.name,
        tuple((info.shape or ())[1:]),
        _task(signatures),
        columns=tuple(map(_column, columns.values())),
        takes_cells=bool(columns),
        column_key=_key,
        takes_text=texts is not None and _gives_names(texts),
        takes_sounds=name == "waveform",
    )


def _column(info: TensorInfo) -> InputColumn:
    """A column of the signature; texts are looked up by the server."""
    return InputColumn(info.name, "number" if info.dtype == "DT_FLOAT" else "category")


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
    return "language_modelling" if "generate" in signatures else None
