"""Whole models in files: `.keras`, and the older `.h5`."""

import functools
import io
import re
import stat
import warnings
import zipfile
from pathlib import Path, PureWindowsPath

import h5py
import keras
import numpy as np
import psutil

import custom_layers  # noqa: F401  (its classes must be registered before a load)
from zoo import bounds, plugins
from zoo.array_file import DAMAGES
from zoo.errors import WeightsError
from zoo.hdf5_file import check_weights
from zoo.weights.size import TooLargeError, check_size, largest_output

H5 = (".h5", ".hdf5")
SUFFIXES = (".keras", *H5)
_WEIGHTS = "model.weights.h5"  # in a .keras file
# What it made of operators of TensorFlow between layers.
_OF_KERAS_2 = ("ClassMethod", "InstanceMethod", "SlicingOpLambda", "TFOpLambda")
_LEAST_BYTES = 2**24  # of weights, whatever the file holds


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
    held = _check_content(path)
    load = functools.partial(
        keras.saving.load_model,
        path,
        custom_objects=plugins.definitions(),
        compile=False,
        safe_mode=not trust,
    )
    try:
        check_size(load, 2 * held + _LEAST_BYTES)
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            model = load()
    except TooLargeError as error:
        raise WeightsError(
            f"{path} describes a model that is far larger than the weights in it; save "
            "the model again."
        ) from error
    except Exception as error:  # whatever classes of the user raise as well
        raise WeightsError(_explain(path, error)) from error
    if not isinstance(model, keras.Model):
        raise WeightsError(
            f"{path} holds a {type(model).__name__}, which is no model; save the whole "
            "model with model.save()."
        )
    values, layer = largest_output(model)
    if 4 * values > psutil.virtual_memory().available:
        raise WeightsError(
            f"{path}: its layer {layer!r} makes {values:,} values of each sample, for "
            "which there is not enough memory."
        )
    return model


def _check_content(path: Path) -> int:
    """Returns how many bytes of weights a file with a whole model holds."""
    bounds.check_fetched(path)
    is_whole = h5py.is_hdf5(path) if path.suffix in H5 else zipfile.is_zipfile(path)
    if not is_whole:
        raise WeightsError(
            f"{path} is corrupted: it is no {path.suffix} file, or only a part of one; "
            "save or train the model again."
        )
    try:
        if path.suffix in H5:
            return _check_h5(path)
        with zipfile.ZipFile(path) as file:
            bounds.check_members(path, file)
            _check_places(file)
            bounds.parse_json(file.read("config.json"))
            if _WEIGHTS not in file.namelist():
                return 0
            with file.open(_WEIGHTS) as raw, h5py.File(io.BytesIO(raw.read())) as held:
                return check_weights(held, path.stat().st_size)
    except (*DAMAGES, KeyError, TypeError, RuntimeError) as error:
        raise WeightsError(f"{path} cannot be read ({error}).") from error


def _check_places(file: zipfile.ZipFile) -> None:
    """Checks that no member would be written outside, where Keras unpacks them."""
    for member in file.infolist():
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        parts = PureWindowsPath(member.filename)  # which knows both separators
        if is_link or parts.anchor or ".." in parts.parts:
            raise ValueError(f"its member {member.filename!r} leads to another place")


def _check_h5(path: Path) -> int:
    with h5py.File(path) as file:
        if "model_config" not in file.attrs:
            raise WeightsError(
                f"{path} holds weights but no model; save the whole model with "
                "model.save(), or give --weights with the name of its model."
            )
        held = check_weights(file, path.stat().st_size)
        bounds.parse_json(file.attrs["model_config"])
        return held


def _version(path: Path) -> str:
    """Returns the version of Keras that wrote a file; empty where it does not say."""
    try:
        if path.suffix in H5:
            with h5py.File(path) as file:
                version = file.attrs["keras_version"]
            return version.decode() if isinstance(version, bytes) else str(version)
        with zipfile.ZipFile(path) as file:
            return str(bounds.parse_json(file.read("metadata.json"))["keras_version"])
    except (*DAMAGES, KeyError, TypeError):
        return ""


def _explain(path: Path, error: Exception) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    missing = re.search(
        r"Could not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|"
        r"activation function|initializer|regularizer): '?([\w>.]+)",
        text,
    )
    name = missing and (missing.group(1) or missing.group(2))
    if name and name not in _OF_KERAS_2:
        return (
            f"{path} needs {name!r}, which is not known here; import the file that "
            "defines it: `zoo --import FILE ...`."
        )
    is_lambda = re.search(r"\bLambda\b|lambda", text)
    is_unsafe = re.search("safe_mode|enable_unsafe", text)
    version = _version(path)
    if version.startswith("2.") and not (is_lambda or is_unsafe):
        return (
            f"{path} was written by Keras {version}, in a form that Keras "
            f"{keras.__version__} cannot read ({type(error).__name__}: {text[:120]}); "
            "with that Keras write it as a SavedModel (`model.export(folder)`) and "
            "take the folder."
        )
    if is_unsafe and not is_lambda:
        return (
            f"{path} holds what may run code or read other files on this machine; "
            "allow it with trust=True (--trust) if you know who made it. "
            f"({_cause(text)[:200]})"
        )
    if is_lambda:
        return (
            f"{path} holds Python code (a Lambda layer) that would run on this "
            "machine; allow it with trust=True (--trust) if you know who made it."
        )
    return f"{path} cannot be read ({type(error).__name__}: {_cause(text)[:200]})."


def _cause(text: str) -> str:
    """What Keras met at last, behind what it says of the configuration around."""
    return text.rpartition("Exception encountered: ")[2]
