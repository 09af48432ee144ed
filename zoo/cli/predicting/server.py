"""Answers of a server."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from serving import Client
from serving.client.signatures import read_signatures
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, SignatureDef
from zoo.cli.predicting.signatures import TEXT, SignatureAnswerer
from zoo.inference.inputs.model_input import ModelInput

_CLASSIFY = "classify"
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
        parts = [
            super(ServerAnswerer, self).outputs(samples[start : start + _ROWS])
            for start in range(0, len(samples), _ROWS)
        ]
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def call(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `SignatureAnswerer.call`."""
        if self._asks_for_names:
            self._asks_for_names = False
            ((name, values),) = inputs.items()
            # It returns all classes, in the order of their ids.
            examples = [{name: values[0]}]
            given = self._client.classify(self.name, examples, signature_name=_CLASSIFY)
            self.labels = [label for label, _ in given[0]]
        return self._client.predict(self.name, inputs, signature_name=signature)

    def close(self) -> None:
        """See `Answerer.close`."""
        self._client.close()


def _model_input(answerer: SignatureAnswerer) -> ModelInput:
    """Returns what the signatures of a model take."""
    signatures = answerer.signatures
    texts = signatures.get(TEXT)
    name, info = answerer.only_input(DEFAULT_SIGNATURE_NAME)
    return ModelInput(
        answerer.name,
        tuple((info.shape or ())[1:]),
        _task(signatures),
        takes_text=texts is not None and _gives_names(texts),
        takes_sounds=name == "waveform",
    )


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
