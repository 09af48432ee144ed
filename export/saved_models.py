"""SavedModels of other makers, exported as a model of one's own."""

import os
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from export import inspection
from export.errors import ExportError
from export.signature import NAME
from zoo import messages
from zoo.runs.trained import Trained

FILE = "saved_model.pb"


class LoadedModel(keras.Model):
    """The signature of a SavedModel as a Keras model that takes a dictionary.

    Args:
        folder: Of the SavedModel.
        signature: Its name.
        name: Of the model.
    """

    def __init__(self, folder: Path, signature: str | None, name: str) -> None:
        super().__init__(name=name)
        self.loaded = tf.saved_model.load(str(folder))
        self.signature = _name(self.loaded, folder, signature)
        self.function = self.loaded.signatures[self.signature]
        self.built = True

    @property
    def input_specs(self) -> dict[str, tf.TensorSpec]:
        """The inputs of the signature by name."""
        return dict(self.function.structured_input_signature[1])

    def call(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Computes the outputs of the signature by name."""
        return self.function(**inputs)

    def count_params(self) -> int:
        """Counts the elements of the variables that the signature reads."""
        return sum(v.shape.num_elements() or 0 for v in self.function.variables)


def is_saved_model(path: str | os.PathLike) -> bool:
    """Whether it is the folder of a SavedModel that this project did not publish."""
    return (Path(path) / FILE).is_file()


def read_saved_model(
    folder: Path, *, trust: bool = False, signature: str | None = None
) -> Trained:
    """Loads a SavedModel.

    Args:
        folder: With `saved_model.pb` and `variables/`.
        trust: Whether operators that reach out of the graph may be run.
        signature: Name of the signature; `serving_default`, or the only one.

    Raises:
        UnsafeModelError: If it would touch more than its own files.
        ExportError: If it cannot be loaded, or has no such signature.
    """
    if not trust:
        inspection.check(folder, FILE)
    name = folder.resolve().name
    if name.isdecimal():  # a version
        name = folder.resolve().parent.name
    try:
        model = LoadedModel(folder, signature, name)
    except ExportError:
        raise
    except Exception as error:  # TensorFlow's loader raises of every kind
        raise ExportError(
            f"The SavedModel {folder} cannot be loaded ({_first_line(error)})."
        ) from error
    others = [each for each in model.loaded.signatures if each != model.signature]
    if others:
        messages.warn(
            f"Of the SavedModel {folder}, the signature {model.signature!r} is taken; "
            f"it also has {', '.join(others)}."
        )
    return Trained(model, name=name)


def _name(loaded: Any, folder: Path, name: str | None) -> str:
    names = list(loaded.signatures)
    chosen = name or (NAME if NAME in names or len(names) != 1 else names[0])
    if chosen not in names:
        raise ExportError(
            f"The SavedModel {folder} has no signature {chosen!r}; it has "
            f"{', '.join(names) or 'none'}. Save it with signatures=."
        )
    return chosen


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
