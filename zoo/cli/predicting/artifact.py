"""Answers of an exported artifact; of an ONNX file, without TensorFlow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export import inspection, manifest
from serving.engines import find_engines, load_engine
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME
from zoo.cli.predicting.signatures import TEXT, SignatureAnswerer
from zoo.datasets.input_column import InputColumn
from zoo.datasets.table_file import split_column
from zoo.datasets.vocabulary import from_json
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.remarks import Remarks
from zoo.inference.inputs.text_encoder import TextEncoder
from zoo.inference.pictures import Pixels
from zoo.input_statistics import parse

_ORDER = ("onnx", "tensorflow", "litert")  # the lightest first
_OF_TEXT = ("classification", "multi_label", "regression", "tagging")


def find_artifact(path: Path) -> Path | None:
    """Returns the folder of an artifact, the highest version of several.

    None where a path is no artifact: a run folder, say.
    """
    if path.is_file() and path.name in _artifacts():
        return path.parent
    if _holds_artifact(path):
        return path
    versions = [each for each in path.glob("*") if each.name.isdecimal()]
    found = [each for each in versions if _holds_artifact(each)]
    return max(found, key=lambda each: int(each.name), default=None)


def engines_of(folder: Path) -> dict[str, str]:
    """Returns the artifacts in a folder, and the engine that runs each."""
    known = _artifacts()
    return {file: known[file] for file in known if (folder / file).is_file()}


def _artifacts() -> dict[str, str]:
    """File names of artifacts, and the engines that run them."""
    return {find_engines(name)[0].artifact: name for name in _ORDER}


def _holds_artifact(path: Path) -> bool:
    return any((path / name).is_file() for name in _artifacts())


class ArtifactAnswerer(SignatureAnswerer):
    """Runs an artifact in this process.

    What it is loaded by is inspected first, as a server does.

    Args:
        folder: Of a version.
        remarks: Who says which words it does not know.
        trust: Whether a file may be run that inspection refuses.
        artifact: Which of its files is run; the one that is lightest to load if None.

    Raises:
        ZooError: If it is damaged, or refused.
    """

    def __init__(
        self,
        folder: Path,
        remarks: Remarks,
        *,
        trust: bool = False,
        artifact: str | None = None,
    ) -> None:
        held = engines_of(folder)
        artifact = artifact or next(iter(held))
        engine = held[artifact]
        if not trust:
            inspection.check(folder, artifact)
        said: dict[str, Any] = {}
        if (folder / manifest.FILE).is_file():
            said = manifest.read(folder)
        self._engine = load_engine(folder, engine)
        super().__init__(said.get("name", str(folder)), self._engine.signatures)
        self.labels = said.get("labels") or ()
        self.targets = said.get("targets") or ()
        vocabulary = from_json(said.get("vocabulary"))
        encoding = said.get("recipe", {}).get("encoding", {})
        if vocabulary is not None and said.get("task") in _OF_TEXT:
            self.encoder = TextEncoder(vocabulary, encoding, remarks)
        self.takes = self._model_input(said)

    def call(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `SignatureAnswerer.call`."""
        encoded = {
            name: np.array([str.encode(t) for t in x.flat], object).reshape(x.shape)
            if x.dtype == object
            else x
            for name, x in inputs.items()
        }
        return self._engine.predict(signature, encoded)

    def close(self) -> None:
        """See `Answerer.close`."""
        self._engine.close()

    def _model_input(self, said: Mapping[str, Any]) -> ModelInput:
        name, info = self.only_input(DEFAULT_SIGNATURE_NAME)
        statistics = said.get("input_statistics", {}).get(name)
        preprocessing = said.get("preprocessing", {})
        pixels, rate = preprocessing.get("pixels"), preprocessing.get("sampling_rate")
        columns = said.get("columns") or ()
        takes_text = self.encoder is not None or (not said and TEXT in self.signatures)
        return ModelInput(
            self.name,
            tuple((info.shape or ())[1:]),
            said.get("task"),
            takes_text=takes_text,
            columns=tuple(map(_column, columns)),
            text_column=preprocessing.get("text_column"),
            series=(split_column(said.get("dataset") or "") or (None, None))[1],
            pixels=None if pixels is None else Pixels(**pixels),
            fit=preprocessing.get("fit", "resize"),
            takes_sounds=rate is not None,
            rate=rate,
            statistics=None if statistics is None else parse(statistics),
        )


def _column(said: Mapping[str, Any]) -> InputColumn:
    """Returns a column as the manifest describes it, beside the name of its tensor."""
    own = {key: value for key, value in said.items() if key != "tensor"}
    return InputColumn.from_json(own)
