"""Weights that ship with the package, and weights from files and runs.

`index.json` maps the name of a trained instance to its file, the file's
sha256, the labels, and the test metrics with the command that reproduces them.
"""

import functools
import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import h5py
import keras
import numpy as np

from zoo.errors import WeightsError, suggestion
from zoo.hdf5_file import check_weights
from zoo.weights.model_file import is_model_file, read_model
from zoo.weights.transfer import copy_weights

INDEX = Path(__file__).with_name("index.json")


@runtime_checkable
class HasModel(Protocol):
    """What carries a trained model, as a `Run` does."""

    model: keras.Model


@functools.cache
def index() -> dict[str, dict[str, Any]]:
    """Returns what ships: name to file, sha256, labels, metrics and command."""
    return json.loads(INDEX.read_text())


def shipped(name: str) -> Path:
    """Returns the weights file that ships for `name`, its sha256 checked.

    Raises:
        WeightsError: If none ships, or the file is missing or was changed.
    """
    if name not in index():
        raise WeightsError(
            f"No weights ship for {name!r}.{suggestion(name, index())} `zoo list "
            f"--pretrained` shows all that have; `zoo train {name}` trains it."
        )
    entry = index()[name]
    path = INDEX.parent / entry["file"]
    if not path.is_file():
        raise WeightsError(f"{path} is missing; reinstall the package.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        raise WeightsError(
            f"{path} is corrupted (its sha256 is not the published one); "
            "reinstall the package."
        )
    return path


def load(
    model: keras.Model, source: HasModel | str | os.PathLike, *, new_head: bool = False
) -> None:
    """Loads weights into `model`.

    Args:
        model: A built model.
        source: A `Run`, a run folder, a `.keras`, `.h5` or `.weights.h5` file.
        new_head: Whether the head may have another size than that of the source, and
            keep its initial weights; not with a `.weights.h5` file.

    Raises:
        WeightsError: If the file is missing, corrupted, or of another model.
    """
    if isinstance(source, HasModel):
        _copy(source.model, model, "The run", new_head=new_head)
        return
    path = Path(source)
    if path.is_dir():
        path = path / "model.keras"
    if is_model_file(path):
        _copy(read_model(path), model, str(path), new_head=new_head)
    else:
        _load_file(model, path)


def _load_file(model: keras.Model, path: Path) -> None:
    if not path.is_file():
        raise WeightsError(f"There is no weights file {path}; check the path.")
    if not path.name.endswith(".weights.h5"):
        raise WeightsError(
            f"{path} is not a weights file; its name must end in .weights.h5, .keras "
            "or .h5, or it must be a run folder."
        )
    try:
        with h5py.File(path) as file:
            check_weights(file, path.stat().st_size)
        with warnings.catch_warnings():
            # Keras only warns about layers without weights in the file, and NumPy about
            # the imaginary parts that it drops.
            warnings.simplefilter("error", UserWarning)
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            model.load_weights(path)
    except Exception as error:  # whatever layers raise on entries of another kind
        raise WeightsError(
            f"{path} is corrupted or was made for another model than {model.name}: "
            f"{_first_line(error)}"
        ) from error


def _copy(
    source: keras.Model, target: keras.Model, origin: str, *, new_head: bool
) -> None:
    if new_head:
        copy_weights(source, target)
        return
    ours = [tuple(w.shape) for w in target.weights]
    theirs = [tuple(w.shape) for w in source.weights]
    if ours != theirs:
        raise WeightsError(
            f"{origin} was made for another model than {target.name}: its weights "
            f"have the shapes {theirs}, the model's are {ours}."
        )
    target.set_weights(source.get_weights())


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
