"""Plugins: files and packages of users that register models, datasets and the like.

There are three ways: `zoo --import my_models.py`, the environment variable
`ZOO_IMPORT`, which child processes inherit, and entry points of installed packages in
the group `keras_serving_zoo`. Each names a module; importing it registers what it
defines.
"""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from zoo import messages
from zoo.errors import PluginError, ZooError

if TYPE_CHECKING:
    from importlib import metadata

GROUP = "keras_serving_zoo"
VARIABLE = "ZOO_IMPORT"
_OURS = {"custom_layers", "zoo", "export", "serving"}
_imported: set[str] = set()  # absolute paths of files, names of modules
_entry_points: "list[metadata.EntryPoint] | None" = None


def import_plugin(name: str) -> None:
    """Imports a file or a module that registers models, tasks, datasets or the like.

    A file is imported under its stem, with its folder on `sys.path`: models that were
    saved with its classes load wherever the file is imported in the same way.

    Args:
        name: Path of a `.py` file, or name of a module such as `my_package.models`.

    Raises:
        PluginError: If it does not exist, another module has its name, or it raises.
    """
    target = absolute(name)
    if target in _imported:
        return
    _imported.add(target)  # before: its code may look up names, which calls this again
    try:
        if Path(target).is_absolute():
            _import_file(name, Path(target))
        else:
            _execute(name, lambda: importlib.import_module(target))
    except PluginError:
        _imported.remove(target)
        raise


def absolute(name: str) -> str:
    """Returns the absolute path of a file, or the name of a module unchanged.

    >>> absolute("my_package.models")
    'my_package.models'
    """
    is_file = name.endswith(".py") or os.sep in name
    return os.path.realpath(Path(name).expanduser()) if is_file else name


def load_plugins() -> None:
    """Imports the plugins of `ZOO_IMPORT` and of entry points, each once, on first use.

    A broken entry point is reported on standard error, in one line that names its
    distribution; the others are still imported.

    Raises:
        PluginError: If a plugin of `ZOO_IMPORT` cannot be imported.
    """
    global _entry_points
    for name in os.environ.get(VARIABLE, "").split(os.pathsep):
        if name:
            import_plugin(name)
    if _entry_points is not None:
        return
    _entry_points = _installed()
    for entry_point in _entry_points:
        try:
            _execute(entry_point.value, entry_point.load)
        except PluginError as error:
            distribution = entry_point.dist.name if entry_point.dist else "unknown"
            messages.warn(
                f"zoo: skipped plugin {entry_point.name!r} of distribution "
                f"{distribution!r}. {error}"
            )


def _installed() -> "list[metadata.EntryPoint]":
    """Returns the entry points of the group."""
    # The module takes longer to import than the files to search; few have any.
    if not any(map(_names_the_group, sys.path)):
        return []
    from importlib import metadata

    return [*metadata.entry_points(group=GROUP)]


def _names_the_group(place: str) -> bool:
    """Whether a distribution in a place of `sys.path` may have entry points of ours."""
    if Path(place).is_file():  # an archive
        return True
    with contextlib.suppress(OSError), os.scandir(place or os.curdir) as entries:
        for entry in entries:
            if entry.name.lower().endswith("-info"):
                with contextlib.suppress(OSError):  # Most have none.
                    text = Path(entry.path, "entry_points.txt").read_bytes()
                    if GROUP.encode() in text:
                        return True
    return False


def imports_of(modules: set[str]) -> list[str]:
    """Returns the values of `--import` for these modules and all imported plugins.

    >>> imports_of({"zoo.models.mlp"})
    []
    """
    users = {name for name in modules if name.split(".")[0] not in _OURS}
    return sorted({*_imported, *map(_import_of, users)} - {""})


def definitions() -> dict[str, Any]:
    """Returns the classes and functions that imported plugins define, by name.

    A model that was saved with them loads though they are not registered with Keras.
    """
    files = {target for target in _imported if Path(target).is_absolute()}
    modules = [
        module
        for name, module in sys.modules.items()
        if name in _imported or _file(module) in files
    ]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and callable(value)
    }


def missing(needed: Sequence[str]) -> list[str]:
    """Returns the files and modules that this process has not imported.

    >>> missing(["zoo.plugins", "/home/ann/my_models.py"])
    ['/home/ann/my_models.py']
    """
    files = {_file(module) for module in [*sys.modules.values()]}
    return [name for name in needed if name not in files and name not in sys.modules]


def _import_file(name: str, path: Path) -> None:
    if not path.is_file():
        raise PluginError(f"Cannot import {name}: there is no such file.")
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise PluginError(
            f"Cannot import {name}: the name must be that of a module: letters, digits "
            "and underscores, then .py; rename the file."
        )
    if str(path.parent) not in sys.path:
        # Last, so that it shadows no installed module.
        sys.path.append(str(path.parent))
    module = _execute(name, lambda: importlib.import_module(path.stem), str(path))
    if _file(module) != str(path):
        raise PluginError(
            f"Cannot import {name}: another module is called {path.stem}; rename the "
            "file."
        )


def _import_of(name: str) -> str:
    """The name of a module in a package, or the file of a top-level module."""
    module = sys.modules[name]
    if name == "__main__" and module.__spec__ is not None:
        return module.__spec__.name  # of `python -m`
    is_packaged = "." in name or hasattr(module, "__path__")
    return name if is_packaged else _file(module)


def _file(module: ModuleType) -> str:
    file = getattr(module, "__file__", None)
    return str(Path(file).resolve()) if file else ""


def _execute(name: str, load: Callable[[], ModuleType], file: str = "") -> ModuleType:
    """Imports a plugin; whatever its code raises becomes a one-line `PluginError`."""
    try:
        return load()
    except (Exception, SystemExit) as error:
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == file
        ]
        kind = "" if isinstance(error, ZooError) else f"{type(error).__name__}: "
        where = f" (line {lines[-1]})" if lines else ""
        raise PluginError(f"Cannot import {name}: {kind}{error}{where}") from error
