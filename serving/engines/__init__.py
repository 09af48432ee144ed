"""Engines run the signatures of one version of a model."""

from pathlib import Path

from serving.engines.base import Engine
from serving.errors import ServingError

ARTIFACTS = {"tensorflow": "saved_model.pb", "onnx": "model.onnx"}


def load_engine(version_path: Path, engine: str = "auto") -> Engine:
    """Loads the artifact in a version folder.

    Args:
        version_path: A folder with `saved_model.pb`, `model.onnx` or both.
        engine: `tensorflow`, `onnx`, or `auto`: SavedModel where there is one.

    Raises:
        ServingError: When the folder lacks the artifact that the engine runs.
    """
    # Imported here: each library costs seconds that the other engine can save.
    match choose_engine(version_path, engine):
        case "tensorflow":
            from serving.engines.tensorflow import TensorFlowEngine

            return TensorFlowEngine(version_path)
        case _:
            from serving.engines.onnx import OnnxEngine

            return OnnxEngine(version_path / ARTIFACTS["onnx"])


def check_engine_name(engine: str) -> None:
    """Raises a ServingError unless `engine` is `auto` or names an engine."""
    if engine not in ("auto", *ARTIFACTS):
        raise ServingError(
            f"Unknown engine {engine!r}. Use one of: auto, {', '.join(ARTIFACTS)}."
        )


def choose_engine(version_path: Path, engine: str) -> str:
    """Returns the name of the engine that runs this folder; see `load_engine`."""
    check_engine_name(engine)
    candidates = ARTIFACTS if engine == "auto" else {engine: ARTIFACTS[engine]}
    for name, artifact in candidates.items():
        if (version_path / artifact).is_file():
            return name
    raise ServingError(
        f"{version_path} holds no {' or '.join(candidates.values())}, which engine "
        f"{engine!r} needs. Export the model in that format, or choose another engine."
    )
