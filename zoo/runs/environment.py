"""What a training ran with: command, imports, code, packages, machine."""

import contextlib
import os
import platform
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from zoo.discovery import imports
from zoo.machines.devices import accelerators
from zoo.machines.process import identify

PACKAGE = "keras-serving-zoo"
SESSION = ("command", "imports", "code", "versions", "backend", "device", "process")
_PACKAGES = (
    *(PACKAGE, "keras", "tensorflow", "jax", "jaxlib", "numpy"),
    *("scikit-learn", "tensorflow-datasets"),
)
_URL_PASSWORD = re.compile(r"(://[^:/@]*:).*(?=@)")
_QUERY_PASSWORD = re.compile(r"([?&][^=&]*passw[^=&]*=)[^&]*", re.IGNORECASE)


def environment() -> dict[str, Any]:
    """Describes this process, for somebody who wants to repeat its training."""
    return {
        "command": shlex.join(map(mask_password, sys.orig_argv)),
        "imports": imports(),
        "code": code_version(Path(__file__).parents[1]),
        "versions": {"python": platform.python_version(), **_versions()},
        "backend": keras.backend.backend(),
        "device": {
            "machine": f"{platform.system()} {platform.machine()}",
            "cpus": os.cpu_count(),
            "accelerators": accelerators(),
        },
        "process": identify(),
    }


def mask_password(url: str) -> str:
    """Replaces the password in a URL by `***`; any other text stays as it is.

    >>> mask_password("postgresql://ada:secret@db:5432/zoo")
    'postgresql://ada:***@db:5432/zoo'
    >>> mask_password("mysql://db/zoo?user=ada&password=secret")
    'mysql://db/zoo?user=ada&password=***'
    """
    url = _URL_PASSWORD.sub(r"\1***", url)
    return _QUERY_PASSWORD.sub(r"\1***", url)


def code_version(package: Path) -> dict[str, Any]:
    """Tells the version of a package and, in a git checkout, its commit.

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
