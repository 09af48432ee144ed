"""Hostile files of models: whole ones, weights, checkpoints, run folders, recipes."""

import copy
import functools
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

import zoo
from tests.hostile.data_files import NPZ, RANDOM, Write, X, array, content, npz
from tests.hostile.measuring import Reader
from zoo.cli.main import run as command
from zoo.runs import summary
from zoo.training.checkpoint import Checkpoints
from zoo.training.recipe_file import read_recipe
from zoo.weights.model_file import read_model

# What stands in the place of a value, by its name.
VALUES: dict[str, Any] = {
    **{"null": None, "true": True, "a negative number": -1, "zero": 0},
    **{"NaN": float("nan"), "infinity": float("inf"), "10^9": 10**9, "10^40": 10**40},
    **{"an empty text": "", "superscripts": "²", "mathematics": "$_$"},
    **{"directions": "\u202egnp.exe\x1b[2J", "a long text": "a" * 10_000},
    **{"a path": "../../../etc/passwd", "a module": "antigravity.fly", "an object": {}},
    **{"a list": [], "many numbers": [10**9] * 9, "texts": ["$_$", "²"] * 3},
}
DEEP = functools.reduce(lambda value, _: [value], range(90), 0)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Yields the path of each value within JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in inner if isinstance(value, dict | list) else ():
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple, put: Any) -> Any:
    """Returns a copy with something else in one place; a missing one is `...`."""
    value = copy.deepcopy(value)
    parent = functools.reduce(lambda each, key: each[key], path[:-1], value)
    if put is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = put
    return value


def mutants(value: Any, count: int, seed: int = 0) -> Iterator[tuple[str, Any]]:
    """Yields so many changes of JSON: a value dropped, or another in its place."""
    random = np.random.default_rng(seed)
    found = list(places(value))
    options = {"nothing": ..., "depth": DEEP, **VALUES}
    for number in range(count):
        path = found[number % len(found)]
        name = list(options)[random.integers(len(options))]
        where = ".".join(map(str, path))
        yield f"{number} {where[-60:]} {name}", changed(value, path, options[name])


# Whole models


@functools.cache
def dense() -> keras.Model:
    inputs = keras.Input((8,), name="x")
    hidden = keras.layers.Dense(4_000, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(400, name="logits")(hidden))


def honest_keras(path: Path) -> Path:
    path = path.with_suffix(".keras")
    dense().save(path)
    return path


@functools.cache
def members() -> dict[str, bytes]:
    raw = io.BytesIO()
    keras.saving.save_model(small(), raw) if False else None
    folder = Path(__file__).parent
    del folder, raw
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "m.keras")
        small().save(path)
        with zipfile.ZipFile(path) as file:
            return {name: file.read(name) for name in file.namelist()}


@functools.cache
def small() -> keras.Model:
    inputs = keras.Input((8,), name="x")
    hidden = keras.layers.Dense(4, activation="relu", name="hidden")(inputs)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(hidden))


def keras_file(**changes: bytes) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(".keras")
        held = members() | {k.replace("__", "."): v for k, v in changes.items()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in held.items():
                file.writestr(name, data)
        return path

    return write
