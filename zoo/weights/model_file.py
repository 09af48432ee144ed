"""Whole models in files: `.keras`, and the older `.h5`."""

import re
import zipfile
from pathlib import Path

import h5py
import keras

import custom_layers  # noqa: F401  (its classes must be registered before a load)
from zoo import plugins
from zoo.errors import WeightsError

H5 = (".h5", ".hdf5")
SUFFIXES = (".keras", *H5)


def is_model_file(path: Path) -> bool:
    """Whether the name is that of a file with a whole model.

    >>> is_model_file(Path("a.keras")), is_model_file(Path("a.weights.h5"))
    (True, False)
    """
    return path.suffix in SUFFIXES and not path.name.endswith(".weights.h5")


def read_model(path: Path, *, trust: bool = False) -> keras.Model:
    """Reads a model from a `.keras` or `.h5` file, without its compile state.

    Args:
        path: Of the file.
        trust: Whether Python code within the file (a Lambda layer) may be run.

    Raises:
        WeightsError: If the file is missing or corrupted, needs a class that is not
            registered, or holds code and is not trusted.
    """
    if not path.is_file():
        raise WeightsError(f"There is no model file {path}; check the path.")
    _check_content(path)
    try:
        return keras.saving.load_model(
            path,
            custom_objects=plugins.definitions(),
            compile=False,
            safe_mode=not trust,
        )
    except Exception as error:  # whatever classes of the user raise as well
        raise WeightsError(_explain(path, error)) from error


def _check_content(path: Path) -> None:
    is_whole = h5py.is_hdf5(path) if path.suffix in H5 else zipfile.is_zipfile(path)
    if not is_whole:
        raise WeightsError(
            f"{path} is corrupted: it is no {path.suffix} file, or only a part of one; "
            "save or train the model again."
        )
    if path.suffix in H5:
        with h5py.File(path) as file:
            if "model_config" not in file.attrs:
                raise WeightsError(
                    f"{path} holds weights but no model; save the whole model with "
                    "model.save(), or give --weights with the name of its model."
                )


def _explain(path: Path, error: Exception) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    missing = re.search(
        r"Could not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|"
        r"activation function|initializer|regularizer): '?([\w>.]+)",
        text,
    )
    if missing:
        name = missing.group(1) or missing.group(2)
        return (
            f"{path} needs {name!r}, which is not known here; import the file that "
            "defines it: `zoo --import FILE ...`."
        )
    if re.search(r"safe_mode|unsafe|Lambda|lambda", text):
        return (
            f"{path} holds Python code (a Lambda layer) that would run on this "
            "machine; allow it with trust=True (--trust) if you know who made it."
        )
    return f"{path} cannot be read ({type(error).__name__}: {text[:200]})."
