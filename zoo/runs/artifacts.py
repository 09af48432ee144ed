"""Exported artifacts, which hold what a model computes but no model to load."""

from pathlib import Path

from zoo.errors import WeightsError

FILES = ("saved_model.pb", "model.onnx", "model.tflite")
SUFFIXES = tuple(Path(name).suffix for name in FILES)


def is_artifact(path: Path) -> bool:
    """Whether this is a file of an exported model, a folder of one, or of versions."""
    if path.is_file():
        return path.name in FILES
    versions = (each for each in path.glob("*") if each.name.isdecimal())
    return any((each / name).is_file() for each in (path, *versions) for name in FILES)


def refusal(path: Path) -> WeightsError:
    """Returns the error of an artifact where a trained model is needed."""
    return WeightsError(
        f"{path} is an exported artifact, which `zoo predict`, `explain`, `generate`, "
        "`sample`, `translate`, `play`, `verify` and `serve` take; give what it was "
        "exported from: a run folder, a .keras file or a name of `zoo list`."
    )
