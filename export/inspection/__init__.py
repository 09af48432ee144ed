"""What a model of somebody else would do, found before it is loaded.

SavedModels, ONNX and LiteRT files are programs. These functions read what they hold and
judge the operators in it by the one list in `operators`; nothing of the model runs.
Keras files, which the export reads, are listed, too.
"""

import importlib
import os
from pathlib import Path

from export import publishing
from export.errors import ExportError, UnsafeModelError
from export.inspection.report import Inspection

_SAVED_MODEL, _ONNX = "saved_model.pb", "model.onnx"
# What reads a file, by its suffix; a server imports that of what it serves.
_MODULES = {
    ".onnx": "onnx",
    ".tflite": "litert",
    **dict.fromkeys((".keras", ".h5", ".hdf5"), "keras_file"),
}


def inspect(path: str | os.PathLike) -> list[Inspection]:
    """Inspects the models at a path.

    Args:
        path: An ONNX, LiteRT or Keras file, or a folder: a SavedModel,
            `<base>/<model>/<version>`, or `<base>/<model>` for the newest version.

    Returns:
        What each model file there would do.

    Raises:
        ExportError: If there is none, or one that could not be loaded.
    """
    place = Path(path)
    if place.name == _SAVED_MODEL:
        place = place.parent
    if place.is_file():
        return [_inspect(place)]
    if not place.is_dir():
        raise ExportError(f"There is no model {place}; check the path.")
    found = _model_files(place)
    if not found and publishing.versions(place):
        found = _model_files(place / str(publishing.versions(place)[-1]))
    if not found:
        raise ExportError(
            f"{place} holds neither {_SAVED_MODEL} nor ONNX or LiteRT files."
        )
    return [_inspect(file) for file in found]


def check(folder: Path, artifact: str | None = None) -> None:
    """Refuses models that touch more than their own files.

    Args:
        folder: Of an artifact.
        artifact: The file that will be loaded, with those of the same name that hold
            other signatures; all model files in the folder without it. Files of formats
            that are not TensorFlow's or ONNX's are the matter of whoever registered the
            format.

    Raises:
        UnsafeModelError: If one is refused.
        ExportError: If one could not be loaded.
    """
    for file in _model_files(folder):
        if artifact is None or file.name == Path(artifact).name:
            inspection = _inspect(file)
            if not inspection.is_safe:
                raise UnsafeModelError(
                    f"{inspection.path} is refused: {'; '.join(inspection.refused)}. "
                    "If you trust whoever made it, say so by --trust (trust=True)."
                )


def _model_files(folder: Path) -> list[Path]:
    names = [_SAVED_MODEL, "*.onnx", f"onnx/*/{_ONNX}", "*.tflite"]
    return [path for name in names for path in sorted(folder.glob(name))]


def _inspect(file: Path) -> Inspection:
    if file.name == _SAVED_MODEL:
        from export.inspection import saved_model

        return saved_model.inspect(file.parent)
    if file.suffix in _MODULES:
        module = importlib.import_module(f"{__name__}.{_MODULES[file.suffix]}")
        found: Inspection = module.inspect(file)
        return found
    raise ExportError(
        f"{file} is no model that can be inspected: a SavedModel, .onnx, .tflite, "
        ".keras or .h5."
    )
