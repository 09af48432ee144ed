"""Lists what a Keras file is made of, without making it."""

import collections
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.errors import ExportError
from export.inspection.report import Inspection
from zoo.array_file import DAMAGES
from zoo.bounds import check_members, parse_json

FORMAT = "keras"
_KNOWN = ("keras", "builtins", "custom_layers")
_CODE = "it holds Python code (a Lambda layer), which would run when it is loaded"

_PROGRAM = "it runs another SavedModel (a TFSMLayer)"
# Layers, and where their configuration may name a file.
_FILES = {
    "TFSMLayer": "filepath",
    **dict.fromkeys(("StringLookup", "IntegerLookup"), "vocabulary"),
    "TextVectorization": "vocabulary",
}


def inspect(path: Path) -> Inspection:
    """Inspects a `.keras` or `.h5` file by its configuration.

    Its operators are the classes of its layers, and custom those of other packages.

    Raises:
        ExportError: If it holds no model.
    """
    try:
        objects = _objects(_read_config(path))
    except zipfile.BadZipFile as error:
        raise ExportError(f"{path} is damaged ({error}); save it again.") from error
    except (*DAMAGES, KeyError, TypeError, RuntimeError) as error:
        raise ExportError(f"{path} holds no Keras model ({error}).") from error
    refused = [_CODE] if any(map(_is_code, objects)) else []
    if any(each["class_name"] == "TFSMLayer" for each in objects):
        refused.append(_PROGRAM)
    used = collections.Counter(each["class_name"] for each in objects)
    return Inspection(
        path=path,
        format=FORMAT,
        bytes=path.stat().st_size,
        signatures={},
        operators={
            name: count for name, count in sorted(used.items()) if name[:2] != "__"
        },
        custom=tuple(
            sorted({each["class_name"] for each in objects if _is_custom(each)})
        ),
        reads=tuple(sorted({*_files(objects)})),
        refused=tuple(refused),
    )


def _files(objects: list[dict[str, Any]]) -> Iterator[str]:
    """Yields the names of other files in the configurations."""
    for each in objects:
        inner, key = each.get("config"), _FILES.get(each["class_name"])
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            yield inner[key]


def _read_config(path: Path) -> Any:
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as file:
            check_members(path, file)
            return parse_json(file.read("config.json"))
    import h5py

    from zoo.hdf5_file import check_weights

    with h5py.File(path) as file:
        check_weights(file, path.stat().st_size)
        return parse_json(file.attrs["model_config"])


def _objects(config: Any) -> list[dict[str, Any]]:
    """Returns the configurations of all objects in one."""
    pending, found = [config], []
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
            if isinstance(value.get("class_name"), str):
                found.append(value)
        elif isinstance(value, list):
            pending += value
    return found


def _is_code(config: dict[str, Any]) -> bool:
    inner = config.get("config")
    kind = inner.get("function_type") if isinstance(inner, dict) else None
    return config["class_name"] == "__lambda__" or kind == "lambda"


def _is_custom(config: dict[str, Any]) -> bool:
    """Whether a class is of another package; `.h5` files name none of Keras' own."""
    module = config.get("module") or config["class_name"].rpartition(">")[0]
    registered = config.get("registered_name") or ""
    package = str(module or registered.rpartition(">")[0]).partition(".")[0]
    return bool(package) and package not in _KNOWN
