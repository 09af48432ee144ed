"""The environment of a training: command, imports, code, packages, machine."""

import contextlib
import os
import platform
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from zoo.discovery import imports
from zoo.machines.devices import accelerators
from zoo.machines.process import identify, mask_password
from zoo.machines.processor import processor

PACKAGE = "keras-serving-zoo"
SESSION = ("command", "imports", "code", "versions", "backend", "device", "process")
_PACKAGES = (
    *(PACKAGE, "keras", "tensorflow", "jax", "jaxlib", "numpy"),
    *("scikit-learn", "tensorflow-datasets"),
)


def environment() -> dict[str, Any]:
    """Describes this process, so that its training can be reproduced."""
    return {
        "command": shlex.join(map(mask_password, sys.orig_argv)),
        "imports": imports(),
        "code": code_version(Path(__file__).parents[1]),
        "versions": {"python": platform.python_version(), **_versions()},
        "backend": keras.backend.backend(),
        "device": {
            "machine": f"{platform.system()} {platform.machine()}",
            "processor": processor(),
            "cpus": os.cpu_count(),
            "accelerators": accelerators(),
        },
        "process": identify(),
    }


def code_version(package: Path) -> dict[str, Any]:
    """Returns the version of a package and, in a git checkout, its commit.

    Args:
        package: Its folder.

    Returns:
        `version`, and where git tracks the folder `commit` and `dirty`, which is
        whether tracked files differ from it.
    """
    version = {"version": _versions().get(PACKAGE)}
    # A package that is only installed somewhere below a checkout is not tracked.
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return version
    changes = _git(package, "status", "--porcelain", "--untracked-files=no")
    return version | {
        "commit": _git(package, "rev-parse", "HEAD"),
        "dirty": bool(changes),
    }


def _git(folder: Path, *arguments: str) -> str | None:
    """Returns what git prints; `None` where it fails or is not installed."""
    try:
        result = subprocess.run(
            # Without locks, so that it writes nothing.
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
